r"""Pairs of answers and what a comparison must say: same, different, undecided, or what it must not be."""

from __future__ import annotations

_TABLE = r"""
1+\frac{1}{2^{2023}} @ 1+\frac{1}{2^{2024}} @ different
\frac{1}{2^{66}} @ \frac{1}{2^{67}} @ different
\frac{3^{60}}{7} @ \frac{3^{60}}{7}+1 @ different
3\times 10^{-17} @ 6\times 10^{-17} @ different
1-\frac{1}{2^{2023}} @ 1 @ different
\frac{1}{26^{12}} @ \frac{2}{26^{12}} @ different
2^{1000} @ 2^{1000}+1 @ different
2^{-60} @ 2^{-61} @ different
\frac{1}{2^{60}} @ \frac{1}{2^{61}} @ different
0.1^{20} @ 0.1^{21} @ different
3\times 10^{-18} @ 6\times 10^{-18} @ different
10^{-20}x+1 @ 1 @ different
1.6\times 10^{-19} @ 9.1\times 10^{-31} @ different
\frac{1}{10^{20}} @ \frac{2}{10^{20}} @ different
\frac{1}{1500!} @ \frac{1}{1502!} @ different
1-\frac{1}{2^{40}} @ 1-\frac{1}{2^{41}} @ different
\frac{2^{100}+1}{2^{100}} @ 1 @ different
e^{-50} @ e^{-60} @ different
2-\frac{1}{2^{99}} @ 2-\frac{1}{2^{100}} @ different
\frac{1}{2^{2023}} @ \frac{1}{2^{2024}} @ different
\frac{25!}{50!} @ \frac{24!}{50!} @ different
\frac{x^2}{x} @ x @ same
1.234,56 @ 1234.56 @ notdifferent
x_1 @ x_2 @ different
20 mph @ 20 miles per hour @ same
1:3:5:\ldots @ 1:8:27:\ldots @ different
\frac{1}{7} @ 0.142857142857143 @ same
18€ @ 18 @ same
20 and 1/2 @ 20.5 @ same
2-\frac{1}{\mathrm{e}} @ 2-\frac{1}{e} @ same
3,5 @ 3.5 @ notdifferent
2–\sqrt{3} @ 2-\sqrt{3} @ same
25 pct @ 25% @ same
2x^3+c @ 2x^3+c \text{ for any real constant } c @ same
2-\frac{1}{\mathrm{e}} @ 2+\frac{1}{\mathrm{e}} @ different
m \geq \sqrt{3} @ m\in[\sqrt{3},+\infty) @ same
x>2 @ (2,\infty) @ same
(1,4) @ 1<x<4 @ same
(0, 7.5) @ 0 < x < 7.5 @ same
[2,5) @ 2\le x<5 @ same
x\neq 3 @ x=3 @ different
(x^2)^{1/3} @ x^{2/3} @ notdifferent
\sqrt[3]{x^3} @ x @ notdifferent
\sqrt{1/m} @ \frac{1}{\sqrt{m}} @ same
\log(xy) @ \log x+\log y @ notdifferent
a\sqrt{3} @ \sqrt{3a^2} @ notdifferent
\ln(x^2) @ 2\ln x @ notdifferent
\sqrt{\frac{2h}{g}} @ \frac{\sqrt{2hg}}{g} @ notdifferent
\sqrt{ab} @ \sqrt{a}\sqrt{b} @ notdifferent
\arctan(1/x) @ \frac{\pi}{2}-\arctan x @ notdifferent
\begin{pmatrix}\frac{1}{3}\\ 2\end{pmatrix} @ \begin{pmatrix}0.333\\ 2\end{pmatrix} @ notdifferent
2\pi @ 2pi @ same
\frac{\pi}{2} @ pi/2 @ same
2*pi @ 2\pi @ same
7*sin(pi*x/5)+1 @ 7\sin(\frac{\pi}{5}x)+1 @ same
\frac{1+\sqrt5}{2} @ (1+√5)/2 @ same
2\sin x @ 2*sin(x) @ same
2\sin x @ 2sin(x) @ same
x^{2}y @ x²y @ same
e^2 @ exp(2) @ same
12-5 h @ -5h+12 @ same
7-2t @ 7-2 @ different
20+5h @ 5h+20 @ same
2c+1 @ 1+2c @ same
m^2+2m @ 2m+m^2 @ same
5h-3 @ -3+5h @ same
3s+4 s @ 7s @ same
2t+1 @ 1+2t @ same
3c+2d @ 2d+3c @ same
3m+4 m @ 7m @ same
x=2t @ x=2 @ different
2m+1 @ 1+2m @ same
100-10t @ -10t+100 @ same
5d-3 @ -3+5d @ same
7-2c @ 7-2 @ different
-16t^2+32t @ 32t-16t^2 @ same
2d+1 @ 1+2d @ same
4 g+2 @ 2+4g @ same
2a+2ft @ 2ft+2a @ same
x+2h @ x+2 @ different
5g-3 @ -3+5g @ same
d^2+2d @ 2d+d^2 @ same
2s^2+3s @ 3s+2s^2 @ same
7-2m @ 7-2 @ different
\frac{3g}{2} @ 1.5g @ same
4(s+1) @ 4+4s @ same
x+2cm @ 2cm+x @ same
7-2d @ 7-2 @ different
2s+1 @ 1+2s @ same
g^2+2g @ 2g+g^2 @ same
5t-3 @ -3+5t @ same
2g+1 @ 1+2g @ same
1+2g @ 2g+1 @ same
4(g+1) @ 4+4g @ same
mn+2m @ mn+2 @ different
4(h+1) @ 4+4h @ same
5c-3 @ -3+5c @ same
x+2t @ x+2 @ different
2t @ 2 @ different
4(m+1) @ 4+4m @ same
12-5 t @ -5t+12 @ same
7-2s @ 7-2 @ different
\frac{3t}{2} @ 1.5t @ same
4(d+1) @ 4+4d @ same
4(t+1) @ 4+4t @ same
2l+1 @ 1+2l @ same
\frac{1}{2}h @ \frac{1}{2} @ different
5-2c @ -2c+5 @ same
x+5 m @ 5m+x @ same
n+2m @ 2m+n @ same
\frac{3c}{2} @ 1.5c @ same
s^2+2s @ 2s+s^2 @ same
7-2h @ 7-2 @ different
2h+1 @ 1+2h @ same
\frac{3m}{2} @ 1.5m @ same
12-5 d @ -5d+12 @ same
x+2s @ x+2 @ different
3g+4 g @ 7g @ same
12-5 g @ -5g+12 @ same
2l+2w @ 2w+2l @ same
b+2h @ 2h+b @ same
mc^2 @ c^2m @ same
1,2 @ 1,2,2 @ notdifferent
\pm 1,\pm 2 @ 1,-1,2,-2 @ notdifferent
x=2, y=3 @ y=3, x=2 @ same
0,\pm\sqrt{3} @ -\sqrt{3},0,\sqrt{3} @ notdifferent
1, \pm 2 @ -2,1,2 @ notdifferent
a=3 \text{ or } a=-4 @ a=-4 or a=3 @ same
p=5,q=2;p=7,q=2 @ (5,2),(7,2) @ notdifferent
\varnothing @ \emptyset @ same
\textbf{(B)}\ 12 @ 12 @ same
\textbf{(B)}\ 12 @ B @ same
0.1\overline{6} @ \frac16 @ same
0.\overline{142857} @ \frac17 @ same
2.\overline{6} @ \frac{8}{3} @ same
0.\overline{27} @ 0.27 @ different
0.8\overline{3} @ \frac{5}{6} @ same
2.5x10^3 @ 2500 @ same
6.02e23 @ 6.02\times 10^{23} @ same
5*10^6 watts @ 5000000 @ same
1.5e3 @ 1500 @ same
7:15 @ 14:30 @ notdifferent
3:10 @ 6:20 @ notdifferent
1:20 @ 2:40 @ notdifferent
12{:}30 @ 12:30 @ same
2 to 3 @ 2:3 @ notdifferent
\sqrt[5]{-32} @ -2 @ same
\cos 60^\circ @ 1/2 @ same
\sqrt[3]{-2} @ -\sqrt[3]{2} @ same
\tan 45^\circ @ 1 @ same
|3+4i| @ 5 @ same
e^{i\pi} @ -1 @ same
(1+i)^2 @ 2i @ same
\frac{3}{5}-\frac{4}{5}i @ \frac{3-4i}{5} @ same
\frac{1}{i} @ -i @ same
\sqrt{-4} @ 2i @ same
\sqrt[3]{-27} @ -3 @ same
i\sqrt{3} @ \sqrt{-3} @ same
\frac{2}{1+i} @ 1-i @ same
\sin 30^\circ @ \frac12 @ same
2012_3 @ 2012_4 @ notsame
52_8 @ 52_9 @ notsame
100_3 @ 100_{4} @ notsame
Never @ No @ notdifferent
None @ Zero @ notdifferent
Equal @ Same @ notdifferent
Rhombus @ Diamond @ notdifferent
True @ Yes @ notdifferent
Infinite @ Unlimited @ notdifferent
Gray @ Grey @ notdifferent
12\pi @ 12pi @ same
2ab @ 2 @ different
2ab @ 2bc @ different
12t @ 12 @ different
2(3) @ 5 @ different
2(3) @ 6 @ same
\frac{1}{6} @ 0.1\overline{6} @ same
\sin 30^\circ @ \sin 30 @ different
\frac{1}{1-i} @ \frac{1+i}{2} @ same
8000 @ 8 x 10^3 @ same
1200 @ 1.2e3 @ same
3:4 @ 3 to 4 @ same
i^3 @ -i @ same
2ab @ 2ba @ same
0.\overline{3} @ 0.333 @ undecided
0.333... @ \frac13 @ same
0.2727... @ \frac{3}{11} @ same
0.(3) @ \frac13 @ same
0.1(6) @ \frac16 @ same
0.1(6) @ 0.6 @ notdifferent
\pi @ 3.14159... @ undecided
\sqrt2 @ 1.4142135623731 @ same
\sqrt2 @ 1.41 @ undecided
1-e^{-50} @ 1 @ different
9^{9^{9^9}} @ 1 @ undecided
(9!)! @ 2 @ undecided
\log 100 @ 2 @ undecided
\log_{10} 100 @ 2 @ same
1/2x @ \frac{x}{2} @ same
1/2x @ 1/(2x) @ notdifferent
|x| @ x @ undecided
x^2+C @ x^2+K @ undecided
x^2+C @ x^2 @ notsame
x^2+1 @ t^2+1 @ undecided
2ab @ 2abc @ different
(-1)^n @ -(-1)^{n+1} @ same
(-1)^n @ (-1)^{n+1} @ different
\frac{1-\cos 2x}{2} @ \sin^2 x @ same
2^{n+1} @ 2\cdot 2^n @ same
\sqrt2+\sqrt3 @ \sqrt{5+2\sqrt6} @ same
\sqrt2+\sqrt3 @ \sqrt{5+2\sqrt6}+10^{-60} @ different
5 m @ 5 @ undecided
5\text{ m} @ 5 @ same
five @ 5 @ same
18€ @ \$18 @ undecided
1.234 @ 1234 @ undecided
25\% @ 5^2 @ undecided
12.5\% @ \frac{1}{2^3} @ same
\frac{\pi}{4} @ 45^\circ @ undecided
3 and 5 @ 5 and 3 @ undecided
3 or 5 @ 5 or 3 @ same
1 \pm \sqrt2 @ 1-\sqrt2, 1+\sqrt2 @ same
1,2 @ 1,2,3 @ different
(-\infty,2) \cup (3,\infty) @ (3,\infty) \cup (-\infty,2) @ same
(0,1] \cup (1,2) @ (0,2) @ same
(0,1) \cup (1,2) @ (0,2) @ different
x<-1 \text{ or } x>2 @ (-\infty,-1)\cup(2,\infty) @ same
x \ne 3 @ (-\infty,3)\cup(3,\infty) @ same
x>2 @ x \ge 2 @ different
2x>4 @ x>2 @ same
y=2x+3 @ 2x-y+3=0 @ same
2x+4y=6 @ x+2y=3 @ same
x^2+y^2=4 @ x^2+y^2=5 @ different
\begin{pmatrix}1\\2\end{pmatrix} @ \begin{pmatrix}1\\3\end{pmatrix} @ different
\textbf{(B)}\ 12 @ C @ different
\textbf{(B)}\ 12 @ (C)\ 12 @ undecided
\emptyset @ \{0\} @ different
1:\sqrt3:2 @ 2:2\sqrt3:4 @ same
2:3 @ \frac23 @ undecided
12 km/h @ 12 kilometers per hour @ same
(-8)^{1/3} @ -2 @ same
\sqrt[3]{-8} @ 1+i\sqrt{3} @ undecided
x^{2/3} @ \sqrt[3]{x^2} @ same
1+√13 @ 1+\sqrt{13} @ same
128\mod 3 @ 2 @ same
\overline{3+4i} @ 3-4i @ same
B. 12 @ 12 @ same
(x,y)=(2,3) @ y=2, x=3 @ notsame
(x,y)=(2,3) @ x=2, y=3 @ same
0.\dot{3} @ \frac13 @ same
e^{i\pi/3} @ \frac12+\frac{\sqrt3}{2}i @ same
\sin 75^\circ @ \frac{\sqrt6+\sqrt2}{4} @ same
\arcsin\frac12 @ 30^\circ @ undecided
\frac{2\pi}{3} @ 120^\circ @ undecided
\frac{2\pi}{3} @ 60^\circ @ different
4^n @ 2^{2n} @ same
e^{x+y} @ e^x e^y @ same
\frac{n(n+1)}{2} @ \binom{n+1}{2} @ same
\log_2 x @ \frac{\ln x}{\ln 2} @ same
\frac{\sqrt3}{3} \approx 0.577 @ \frac{1}{\sqrt3} @ same
a/bc @ \frac{a}{bc} @ notdifferent
\sqrt{10^{40}+1} @ 10^{20} @ different
\pi @ \frac{355}{113} @ different
\pi+10^{-200}-\pi @ 10^{-200} @ same
\pi+10^{-200}-\pi @ 10^{-201} @ different
100\pi @ 314 @ undecided
0.25x @ 0.26x @ different
0.33x @ \frac{x}{3} @ undecided
2 l @ 2 L @ notdifferent
3\times10^{8}\text{ m/s} @ 3e8 @ same
0.56 = 56\% @ 0.56 @ same
z = 1+1 = 2 @ z = 2 @ same
\frac{NO}{BO}=\frac{1}{\sqrt6} @ \frac{1}{\sqrt6} @ same
V_1:V_2=11:21 @ 11:21 @ same
x \approx 11 @ 11 @ same
\boxed{\text{(C)}}. @ \text{C} @ same
(0;0;1),(0;2;0) @ (0,2,0),(0,0,1) @ same
(11,7)or(7,11) @ (7,11),\ (11,7) @ same
a=4,\,-8 @ -8,4 @ same
0<f(x)<1 @ (0,1) @ same
\\left(\\frac{1}{5},2\\right) @ (\frac15,2) @ same
\left[\begin{array}{cc}1&2\end{array}\right] @ \begin{pmatrix}1&2\end{pmatrix} @ same
\begin{pmatrix}1&2\end{pmatrix}+\begin{pmatrix}1&2\end{pmatrix} @ \begin{pmatrix}1&2\end{pmatrix} @ different
8\!:\!34 \text{ p.m.} @ 8:34 PM @ same
-37_8 @ -37_9 @ notsame
|x-200| @ 200-x @ undecided
x = -5,\ p = \frac{14}{3} @ -5, \frac{14}{3} @ same
AB=9, CD=4 @ AB=9, CD=5 @ different
x=2, y=3 @ y=2, x=3 @ different
-x \ge -x @ -3 \ge -x @ undecided
x^2=-i @ x^2=-i+\pi @ undecided
\frac{1}{99!} @ \frac{1}{100!} @ different
\frac{\pi}{10^{30}} @ \frac{2\pi}{10^{30}} @ different
\sqrt{2}\times10^{-20} @ \sqrt3\times10^{-20} @ different
\binom{100}{50} @ \binom{100}{50}+1 @ different
e^{100} @ e^{100}+1 @ different
2^{2^{10}} @ 2^{1024} @ same
1-e^{-100} @ 1 @ different
\pi+10^{-40} @ \pi @ different
3.00000000000000001 @ 3 @ notsame
10^{-30}\sin x @ 2\cdot10^{-30}\sin x @ different
x+10^{-25} @ x @ different
3:4 @ 4:3 @ different
3×10⁸ @ 3e8 @ same
1.2E-3 @ 0.0012 @ same
\pm2 @ 2,-2 @ same
x=\pm 2 @ -2,2 @ same
\{\pm1\} @ \{-1,1\} @ same
x\le 3 @ (-\infty,3] @ same
x>2 @ [2,\infty) @ different
(1,4) @ 1\le x\le 4 @ different
x\in[1,4] @ 1<x<4 @ different
x\ne3 @ x\neq 3 @ same
x<3 @ x>3 @ different
\text{(A)}\ \frac12 @ 0.5 @ same
(D) @ \textbf{(D)}\ 7 @ same
Alice @ Bob @ notsame
1 234,56 @ 1234.56 @ notdifferent
£5 @ 5 @ same
30 mi/h @ 30 mph @ same
5 m/s @ 5 meters per second @ same
-\sqrt[3]{8} @ -2 @ same
\sqrt[3]{-x} @ -\sqrt[3]{x} @ same
\sqrt{x^2} @ |x| @ same
\sqrt{x^2} @ x @ notdifferent
\sqrt{x^4} @ x^2 @ same
\frac{\sqrt{a}}{\sqrt{b}} @ \sqrt{\frac{a}{b}} @ notdifferent
\ln x^2 @ 2\ln|x| @ notdifferent
\ln(x^3) @ 3\ln x @ same
x\sqrt{x} @ x^{3/2} @ same
\cos 120^\circ @ -\frac12 @ same
\sin^2 30^\circ @ \frac14 @ same
\tan 60^\circ @ \sqrt{3} @ same
\cos 60 @ \frac12 @ different
i^2 @ -1 @ same
(2+i)(2-i) @ 5 @ same
\frac{1+i}{1-i} @ i @ same
|1-i| @ \sqrt{2} @ same
2+3i @ 2-3i @ different
3i @ 3 @ different
0.\overline{9} @ 1 @ same
1.2\overline{3} @ \frac{37}{30} @ same
0.\overline{36} @ \frac{4}{11} @ same
0.\overline{3} @ 0.3 @ different
0.\bar{6} @ 2/3 @ same
3(4) @ 12 @ same
3(4) @ 34 @ different
2(x+1) @ 2x+2 @ same
(2)(3) @ 6 @ same
2ab @ 2a @ different
5st @ 5ts @ same
5gh @ 5 @ different
7cd @ 7dc @ same
2pi r @ 2\pi r @ same
pi*r^2 @ \pi r^2 @ same
sqrt(2)/2 @ \frac{\sqrt2}{2} @ same
ln(2) @ \ln 2 @ same
3sqrt(5) @ 3\sqrt{5} @ same
√2/2 @ \frac{\sqrt{2}}{2} @ same
infinity @ \infty @ same
-inf @ -\infty @ same
inf @ -\infty @ different
x^3 @ x³ @ same
exp(x) @ e^x @ same
2^3^2 @ 2^9 @ notdifferent
cos(pi/3) @ 1/2 @ same
arctan(1) @ \frac{\pi}{4} @ same
tan^-1(1) @ \frac{\pi}{4} @ same
\log_3 9 @ 2 @ same
\lg 100 @ 2 @ same
3\% @ 0.03 @ same
3 pct @ 3\% @ same
\frac{3}{4}\text{ cup} @ 0.75 @ same
\frac{1}{2}\text{ hour} @ 30\text{ minutes} @ notdifferent
x^2+C @ x^2+c @ notdifferent
\frac{x^3}{3}+C @ \frac{x^3}{3} @ notsame
2x^2+k @ 2x^2+C @ notdifferent
5! @ 60 @ different
\text{no solution} @ \emptyset @ notdifferent
\begin{pmatrix}0.5\\1\end{pmatrix} @ \begin{pmatrix}\frac12\\1\end{pmatrix} @ same
\begin{bmatrix}1&2\\3&4\end{bmatrix} @ \begin{pmatrix}1&2\\3&5\end{pmatrix} @ different
y=x+1 @ y=1+x @ same
f(x)=2x+1 @ 2x+1 @ same
f(x)=2x @ y=2x @ notdifferent
3x+4y=12 @ 4y+3x-12=0 @ same
y=2x @ 2x=y @ same
2<x @ x>2 @ same
\frac{-3\pm\sqrt5}{2} @ \frac{-3+\sqrt5}{2},\frac{-3-\sqrt5}{2} @ same
1, 2, 3 @ 3, 2, 1 @ notdifferent
(1,2),(3,4) @ (3,4),(1,2) @ same
1\frac{1}{2} @ \frac32 @ same
2 and 1/2 @ 2.5 @ same
1,5 @ 1.5 @ notdifferent
12.345 @ 12345 @ notdifferent
\$1,200 @ 1200 @ same
1200 dollars @ \$1200 @ same
5 dollars @ 5 euros @ notsame
"""

ANSWER_PAIRS = tuple(tuple(line.split(" @ ")) for line in _TABLE.strip().splitlines())
