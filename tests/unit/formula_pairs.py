r"""Pairs as `answer_pairs`: what follows a number, operators, arguments of functions, matrices, sets."""

from __future__ import annotations

_TABLE = r"""
5\text{ or more} @ 5\text{ or less} @ notsame
5 apples or more @ 5 @ notsame
5 apples and more @ 5 apples @ notsame
12\text{ dozen} @ 12 @ notsame
12\text{ dozen} @ 144 @ same
3\text{ million dollars} @ 3000000 @ same
3 hundred thousand @ 300 @ notsame
101\text{ base }2 @ 101 @ notsame
7\text{ remainder }2 @ 7 @ notsame
7\text{ remainder two} @ 7 @ notsame
5\text{ (approx.)} @ 5 @ notdifferent
5\text{M} @ 5 @ notsame
5\text{ cm} @ 5 @ same
5\text{ cm}^2 @ 5 @ same
5\text{ ft/s} @ 5 @ same
5\text{ miles per hour} @ 5 @ same
5\text{ units}^3 @ 5 @ same
5\text{ square feet} @ 5 @ same
\sqrt2\text{ cm} @ \sqrt2\text{ m} @ notsame
\sqrt{2}\% @ \sqrt2 @ notsame
\sqrt2\text{ cm} @ \sqrt2 @ same
2\pi \text{ thousand} @ 2\pi @ notsame
\frac12\text{ million} @ \frac12 @ notsame
\frac12\text{ of the total} @ \frac12 @ same
5\text{ out of }6 @ 5 @ notsame
5\text{ out of six} @ 5 @ notsame
x^2\text{ if }x>0 @ x^2 @ notsame
x+1\text{ when }x\text{ is even} @ x+1 @ notsame
2\text{ to }3 @ 2 @ notsame
5\text{ squared} @ 5 @ notsame
5\text{ cubed} @ 5 @ notsame
5\text{ factorial} @ 5 @ notsame
5\text{ percent} @ 5 @ notsame
5\text{ below zero} @ 5 @ notsame
100\text{ minus } x @ 100 @ notsame
3\text{ hours ago} @ 3 @ same
7<8 @ 1<2 @ notsame
7=7 @ 8=8 @ notsame
1\ne2 @ 3\ne4 @ notsame
5>3 @ 3<5 @ notdifferent
5\geq 3 @ 4\geq 2 @ notsame
\pi>3 @ \pi+1>4 @ notsame
x-x=0 @ y-y=0 @ notsame
0=0 @ 1=1 @ notsame
a=b @ 2a=2b @ same
\max(1,200) @ 1200 @ notsame
\min(3,400) @ 3 @ same
\max(1{,}200,5) @ 1200 @ same
1{,}200+1 @ 1201 @ same
\gcd(12, 18) @ 6 @ same
\gcd(a,b) @ \gcd(b,a) @ same
\gcd(x,x^2) @ x @ notdifferent
\max(x,y) @ \max(y,x) @ same
\max\{3,7\} @ 7 @ same
\operatorname{lcm}(4,6) @ 12 @ same
f(x,y) @ f(x,y) @ same
-7 \bmod 3 @ 2 @ same
-7 \bmod 3 @ -1 @ notsame
17 \bmod 5 @ 2 @ same
7+10 \bmod 5 @ 2 @ notdifferent
-x^2 @ -(x^2) @ same
-2^2 @ -4 @ same
-2\cdot 3 @ -6 @ same
I^2 @ -1 @ notdifferent
IR @ RI @ undecided
AB @ BA @ undecided
is @ si @ undecided
AB @ AB @ same
2xy @ 2yx @ same
2020-01-02 @ 2020-02-01 @ different
2020-01-02 @ 2020-01-02 @ same
2020-01-02 @ 2017 @ undecided
2020-01-02 @ January 2, 2020 @ undecided
5/1/2021 @ May 1, 2021 @ undecided
5/1/2021 @ 5/1/2021 @ same
3I @ 3i @ notdifferent
3I @ 4i @ different
I=\frac{V}{R} @ V=IR @ notdifferent
2I @ 3I @ different
2ft @ 2tf @ notdifferent
3 cm @ 3mc @ notdifferent
3 kg @ 3gk @ notdifferent
6\times 10^{-3} m @ 0.006 @ same
3 \times 10^8 m/s @ 300000000 @ notdifferent
2\times 3 m @ 6 @ notsame
\left|x\right| @ x @ notsame
\left\|v\right\| @ |v| @ same
\lvert x \rvert ^2 @ x^2 @ same
\{x\} @ x @ notsame
2\{x\}+1 @ 2x+1 @ notsame
\lbrace 1,2\rbrace @ \{1,2\} @ same
\int_0^1 x dx @ \frac12 @ notdifferent
\int_0^1 x dx @ \int_0^1 y dy @ same
\int x dx @ \int y dy @ notsame
\int_0^1 2x\,dx @ 2\int_0^1 x\,dx @ notdifferent
\int_a^b f(x) dx @ \int_a^b f(t)\,dt @ same
\int_a^b f(x) dx @ \int_b^a f(x)\,dx @ notsame
\int_0^{\pi} \sin x \, \mathrm{d}x @ \int_0^{\pi} \sin(x)\,dx @ same
\sum_{i=1}^n i @ \sum_{k=1}^n k @ same
\sum_{i=1}^n i @ \frac{n(n+1)}{2} @ notdifferent
\sum_{i=1}^{5} i @ 15 @ same
\sum_{i=1}^{5} i + 1 @ 16 @ notdifferent
\sum_{i=1}^{5} i + 1 @ 20 @ notdifferent
\sum_{i=1}^{2}\sum_{j=1}^{2} ij @ 9 @ same
\sum_{i=1}^{n}\sum_{j=1}^{n} ij @ \sum_{i=1}^{n}\sum_{j=1}^{n} j^2 @ notsame
\sum_{i=1}^{n}\sum_{j=1}^{n} ij @ \sum_{a=1}^{n}\sum_{b=1}^{n} ab @ same
\sum_{k=1}^{3} x_k @ \sum_{j=1}^3 x_j @ notdifferent
\sum_{k=1}^{3} x_k @ 3x_k @ notsame
\prod_{k=1}^{5} k @ 120 @ same
\prod_{k=1}^{5} k @ 5! @ same
\sum_{k=0}^{\infty} \frac{1}{k!} @ e @ notdifferent
\sum_{k=0}^{\infty} \frac{1}{k!} @ \sum_{n=0}^{\infty}\frac{1}{n!} @ same
\sum_{k=0}^{\infty} \frac{1}{2^k} @ \sum_{k=1}^{\infty}\frac{1}{2^k} @ notsame
\lim_{x\to 0}\frac{\sin x}{x} @ 1 @ notdifferent
\lim_{x\to\infty} f(x) @ \lim_{x \rightarrow \infty} f(x) @ same
\lim_{x\to\infty} f(x) @ \lim_{x \rightarrow -\infty} f(x) @ notsame
f(x) @ f(y) @ notsame
f(2x) @ f(x+x) @ same
f(x)+1 @ f(x)+2 @ notsame
a_{n+1} @ a_{1+n} @ same
a_{n+1} @ a_{n} @ notsame
a_{i,j} @ a_{j,i} @ notsame
a_{n+1}=2a_n @ a_{n+1}=a_n+a_n @ same
a_{n+1}=2a_n @ a_{n+1}=3a_n @ notsame
1.05^{20} @ 1.05^{21} @ different
0.5^{10} @ 0.5^{11} @ different
3.14^2 @ \pi^2 @ notdifferent
0.33x+1 @ \frac13x+1 @ notdifferent
2.5^3 @ 15.625 @ same
1.41^2 @ 2 @ notdifferent
1A_{16} @ 26 @ notdifferent
B_{12} @ C_{12} @ notsame
A_1 @ B_1 @ notsame
FF_{16} @ 255_{10} @ notdifferent
1.5:1 @ 3:2 @ same
3:30 @ 3.5 @ notsame
\sqrt{-12} @ 2i\sqrt3 @ same
\sqrt{-4} @ 2 @ different
\sqrt{-4} @ -2 @ different
\sqrt{x-5} @ \sqrt{5-x} @ notsame
\sqrt[3]{-8} @ -2 @ notdifferent
(-8)^{1/3} @ -2 @ notdifferent
\sqrt{-1} @ i @ same
\frac{1}{\sin 30°} @ 2 @ same
\cos 60^{\circ} @ \frac12 @ same
\sin 60^{\circ} @ \frac{\sqrt3}{2} @ same
\mathbb{R} @ \mathbb{Z} @ notsame
\mathbb{R} @ (-\infty,5) @ different
x\in\mathbb{R} @ (-\infty,\infty) @ same
x\ge 1 \text{ or } x\le -1 @ (-\infty,-1]\cup[1,\infty) @ same
\begin{bmatrix}1\\2\end{bmatrix} @ \left(\begin{array}{c}1\\2\end{array}\right) @ same
\begin{pmatrix}1&2\\3&4\end{pmatrix}\begin{pmatrix}1\\1\end{pmatrix} @ \begin{pmatrix}3\\7\end{pmatrix} @ same
2\begin{pmatrix}1&2\end{pmatrix} @ \begin{pmatrix}2&4\end{pmatrix} @ notdifferent
\begin{vmatrix}1&2\\3&4\end{vmatrix} @ \begin{pmatrix}1&2\\3&4\end{pmatrix} @ notsame
\begin{vmatrix}1&2\\3&4\end{vmatrix} @ -2 @ notdifferent
$5$ cm @ 5 cm @ same
$5$ apples @ $5$ @ same
$5$ or more @ $5$ @ notsame
$3$ million @ 3 @ notsame
\binom{16}{2} @ {16 \choose 2} @ same
2{5 \choose 2} @ 20 @ same
\{1,2\}\cup\{3\} @ \{1,2,3\} @ notdifferent
[0,1]\cup\{2\} @ [0,1]\cup\{3\} @ notsame
\log_2 x_{1} @ \log_2 x_1 @ same
x\vert y @ xy @ notsame
|x|y| @ |xy| @ notsame
e^{-x}\,dx @ e^{-x} @ notsame
\frac{dy}{dx}=2x @ \frac{dy}{dx}=x+x @ same
5\text{ inches} @ 5\text{ feet} @ notsame
5 to 7 @ 5 @ notsame
\text{between 5 and 7} @ 5 @ notsame
no more than 5 @ 5 @ notsame
5+ @ 5 @ notsame
>5 @ 5 @ notsame
\approx 5 @ 5 @ notdifferent
\pm 5 @ 5 @ notsame
3\text{ million} @ 3 @ notsame
3\times 2\text{ million} @ 6 @ notsame
3 million @ 3000000 @ same
5\text{ or more} @ 5 @ notsame
5 or more @ 5 @ notsame
at least 5 @ 5 @ notsame
\text{at least }5 @ 5 @ notsame
5\text{ or less} @ 5 @ notsame
x+5\text{ or less} @ x+5 @ notsame
2\text{ hours }30\text{ minutes} @ 2 @ notsame
2\text{ hours }30\text{ minutes} @ 30 @ notsame
2 hours 30 minutes @ 2 @ notsame
2\text{ hours and }30\text{ minutes} @ 2 @ notsame
5\sqrt{2}\text{ or more} @ 5\sqrt2 @ notsame
5\pi\text{ more than before} @ 5\pi @ notsame
\sqrt{2}\text{ million} @ \sqrt2 @ notsame
2\pi\text{ cm} @ 2\pi @ same
5\text{ apples} @ 5 @ same
12\text{ square units} @ 12 @ same
5 cubic inches @ 5 @ same
12 different ways @ 12 @ same
5>3 @ 4>2 @ notsame
2=3 @ 5=7 @ notsame
1<2<3 @ 4<5<6 @ notsame
x+5>x+3 @ x+4>x+2 @ notsame
5>3 @ 5>3 @ same
\gcd(830,450) @ 10 @ same
\lcm(6,321,429) @ 91806 @ same
\max(1,200) @ 200 @ same
\max(-7) @ -7 @ same
-1\mod 2 @ 1 @ same
-97E34\mod 7 @ 4 @ same
-14/2\mod 5 @ 3 @ same
e^{I\pi} @ -1 @ notdifferent
a+Ib @ a+ib @ notdifferent
\frac{ft}{2} @ \frac12 ft @ notdifferent
3ml @ 3lm @ notdifferent
1.5 × 10^8 m @ 150000000 @ same
1.5 \times 10^8 m @ 1.5 \times 10^8 @ same
1.5 \times 10^8 m @ 1.6 \times 10^8 @ different
\left\vert x\right\vert @ |x| @ same
\lvert -3\rvert @ 3 @ same
\mleft|x+1\mright| @ |1+x| @ same
\|x\| @ |x| @ same
\lbrack 1+2\rbrack\lgroup 3-4\rgroup @ -3 @ same
{16 \choose 2} @ 120 @ same
x^2_2 @ x_2^2 @ same
\exponentialE^3 @ e^3 @ same
\$\infty @ \infty @ same
\infty\% @ \infty @ notdifferent
\int x dx @ \int x\, dx @ same
\int_0^7 dx @ \int_{0}^{7} 1\, dx @ same
\int \frac{3 dz}{z} @ \int \frac{3}{z}\, dz @ same
\int_0^1 x^2 dx @ \int_0^2 x^2 dx @ undecided
\int_0^1 x dx + c @ c+\int_0^1 x\,dx @ same
\int_0^1 \sqrt{x^2} dx @ \int_0^1 x\,dx @ undecided
\sum_{k = 1}^3 c @ \sum_{k=1}^{3} c @ same
\sum_{k=1}^{10} k^2 @ 385 @ same
\sum_{k=1}^{10} k^2 @ 384 @ different
\sum_{k=1}^{n} k^2 @ \sum_{j=1}^n j^2 @ same
\sum_{k=1}^{n} k^2 @ \sum_{k=1}^n k^3 @ undecided
\prod^{c}_{a = b} x @ \prod_{a=b}^{c} x @ same
\lim_{x \to 3^+} a @ \lim_{x \rightarrow 3^{+}} a @ same
\lim_{x \to 3^+} a @ \lim_{x \rightarrow 3^{-}} a @ undecided
F_n = \sum_{k=0}^{n-1} F_k F_{n-k-1} @ F_n = \sum_{k=0}^{n-1} F_{n-k-1} F_k @ same
F_n = \sum_{k=0}^{n-1} F_k F_{n-k-1} @ F_n = \sum_{k=0}^{n-2} F_k F_{n-k-2} @ undecided
0.99^{2000} @ 0.99^{2001} @ different
1A_{16} @ 1B_{16} @ different
1A_{16} @ 1A_{16} @ same
FF_{16} @ FE_{16} @ different
1.5:1 @ 4:2 @ different
\sqrt{-12} @ 2\sqrt3 @ different
\sqrt{-12} @ 2\sqrt{-3} @ notdifferent
\frac{1}{\cos 60^\circ} @ 2 @ same
x<1 \text{ or } x>4 @ (-\infty,1)\cup(4,\infty) @ same
x<1 \text{ or } x>4 @ (-\infty,1)\cup(5,\infty) @ different
x<1 or x>4 @ x>4 or x<1 @ same
\mathbb{R} @ (-\infty,\infty) @ same
\left[\begin{array}{cc}1&2\\3&4\end{array}\right] @ \begin{pmatrix}1&2\\3&4\end{pmatrix} @ same
$28$ % @ 28\% @ same
$28$ percent @ $28\%$ @ same
\begin{pmatrix}1\\3\end{pmatrix}+\begin{pmatrix}5\\7\end{pmatrix} @ \begin{pmatrix}6\\10\end{pmatrix} @ same
\begin{pmatrix}1&2\\0&1\end{pmatrix}\begin{pmatrix}1\\1\end{pmatrix} @ \begin{pmatrix}3\\1\end{pmatrix} @ same
1-f(x) @ 1-f\left(x\right) @ same
1-f(x) @ 1-f(y) @ undecided
[0,2] \cap (1,3) @ \left[0, 2\right] \cap \left(1, 3\right) @ same
"""

FORMULA_PAIRS = tuple(tuple(line.split(" @ ")) for line in _TABLE.strip().splitlines())
