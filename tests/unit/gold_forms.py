# ruff: noqa: E501  (a row of the table is one line)
r"""Answers written by hand: kind @ gold @ value @ an equivalent form @ another.

Values are written as sympy reads them, independently of the code under test; 25% is 1/4. Words, letters and
times are written as plain text. `value_of` reads a value by a path of its own: text replacements and sympy.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import sympy
from sympy.parsing.sympy_parser import (
    implicit_multiplication_application,
    parse_expr,
    rationalize,
    standard_transformations,
)


class GoldForm(NamedTuple):
    kind: str
    gold: str
    value: str
    forms: tuple[str, str]


_TABLE = r"""
integer @ 18 @ 18 @ 18.0 @ $18$
integer @ 7 @ 7 @ 7.00 @ \boxed{7}
integer @ 1 @ 1 @ 1.0 @ \frac{2}{2}
integer @ 0 @ 0 @ 0.0 @ $0$
integer @ 2 @ 2 @ 2.0 @ \frac{4}{2}
integer @ 10 @ 10 @ 10.0 @ 10.
integer @ 42 @ 42 @ $42$ @ 42.00
integer @ 100 @ 100 @ 100.0 @ 200/2
integer @ 1,234 @ 1234 @ 1234 @ 1{,}234
integer @ 1234 @ 1234 @ 1,234 @ 1234.0
integer @ 10,\!080 @ 10080 @ 10080 @ 10,080
integer @ 58,500 @ 58500 @ 58500 @ 58{,}500
integer @ 11,\! 111,\! 111,\! 100 @ 11111111100 @ 11,111,111,100 @ 11111111100
integer @ 1{,}000{,}000 @ 1000000 @ 1,000,000 @ 1000000
integer @ 80000 @ 80000 @ 80,000 @ 80000.00
integer @ 70\,000 @ 70000 @ 70000 @ 70,000
integer @ -5 @ -5 @ -5.0 @ $-5$
integer @ -50 @ -50 @ −50 @ -50.0
integer @ -1 @ -1 @ -1.0 @ \frac{-3}{3}
integer @ -128 @ -128 @ $-128$ @ -128.00
integer @ -1,250 @ -1250 @ -1250 @ $-1250$
integer @ −12 @ -12 @ -12 @ $-12$
integer @ +6 @ 6 @ 6 @ 6.0
integer @ $27$ @ 27 @ 27 @ 27.0
integer @ \(15\) @ 15 @ 15 @ $15$
integer @ \boxed{36} @ 36 @ 36 @ 36.0
integer @ **64** @ 64 @ 64 @ $64$
integer @ 12. @ 12 @ 12 @ 12.0
integer @ x = 5 @ 5 @ 5 @ x=5
integer @ x=-3 @ -3 @ -3 @ $x=-3$
integer @ n = 16 @ 16 @ 16 @ n=16
integer @ 18 people @ 18 @ 18 @ 18 persons
integer @ 5 apples @ 5 @ 5 @ 5 apple
integer @ 24 hours @ 24 @ 24 hr @ 24
integer @ 60 minutes @ 60 @ 60 min @ 60
integer @ 3 cm @ 3 @ 3\text{ cm} @ 3 centimeters
integer @ 15\mbox{ cm}^2 @ 15 @ 15 cm^2 @ 15
integer @ 864 \mbox{ inches}^2 @ 864 @ 864 square inches @ 864
integer @ 12\text{ m} @ 12 @ 12 meters @ 12 m
integer @ 90^\circ @ 90 @ 90° @ 90 degrees
integer @ 120^{\circ} @ 120 @ 120^\circ @ 120\text{ degrees}
integer @ 45° @ 45 @ 45^\circ @ 45
integer @ 30 square feet @ 30 @ 30 sq. ft @ 30
integer @ 7 miles per hour @ 7 @ 7 miles/hour @ 7
integer @ 250 mL @ 250 @ 250 milliliters @ 250
integer @ 14 days @ 14 @ 14 day @ 14
integer @ 9 more apples @ 9 @ 9 @ 9.0
integer @ 35 dollars @ 35 @ $35 @ \$35.00
decimal @ 0.5 @ 1/2 @ .5 @ \frac{1}{2}
decimal @ 0.25 @ 1/4 @ 1/4 @ .250
decimal @ .6 @ 3/5 @ 0.6 @ \frac35
decimal @ 1.25 @ 5/4 @ 5/4 @ 1\frac{1}{4}
decimal @ 0.15 @ 3/20 @ .15 @ 0.150
decimal @ 3.50 @ 7/2 @ 3.5 @ \frac{7}{2}
decimal @ 4.5 @ 9/2 @ 4.50 @ 9/2
decimal @ 12.00 @ 12 @ 12 @ 12.0
decimal @ 326.5 @ 653/2 @ 326.50 @ \frac{653}{2}
decimal @ 3.21 @ 321/100 @ 3.210 @ $3.21$
decimal @ .0000672 @ 0.0000672 @ 0.0000672 @ 6.72 \times 10^{-5}
decimal @ -0.5 @ -1/2 @ -\frac12 @ -.5
decimal @ -2.75 @ -11/4 @ -\frac{11}{4} @ −2.75
decimal @ 1,234.5 @ 1234.5 @ 1234.5 @ 1234.50
decimal @ 5.4 \text{ cents} @ 5.4 @ 5.4 cents @ 5.40
decimal @ 7.5^\circ @ 7.5 @ 7.5 @ 7.50°
decimal @ 2.5 hours @ 2.5 @ 2.5 @ 2.50 hours
decimal @ 0.75 @ 3/4 @ 3/4 @ $0.75$
decimal @ 0.375 @ 3/8 @ \frac{3}{8} @ .375
decimal @ x = 2.5 @ 5/2 @ 2.5 @ x=\frac{5}{2}
decimal @ 10.8 kg @ 10.8 @ 10.8 kilograms @ 10.8
decimal @ 99.9 @ 99.9 @ 99.90 @ \frac{999}{10}
decimal @ 0.01 @ 1/100 @ .01 @ \frac{1}{100}
fraction @ \frac{1}{2} @ 1/2 @ 0.5 @ 1/2
fraction @ \frac{3}{4} @ 3/4 @ 0.75 @ \dfrac{3}{4}
fraction @ \frac12 @ 1/2 @ 0.5 @ \tfrac{1}{2}
fraction @ \frac43 @ 4/3 @ \frac{4}{3} @ 4/3
fraction @ \dfrac{3}{4} @ 3/4 @ 3/4 @ .75
fraction @ \dfrac{17}{50} @ 17/50 @ 0.34 @ 17/50
fraction @ \tfrac{2}{3} @ 2/3 @ \frac{2}{3} @ 2/3
fraction @ \frac{14}{3} @ 14/3 @ 14/3 @ 4\frac{2}{3}
fraction @ -\frac{1}{2} @ -1/2 @ -0.5 @ \frac{-1}{2}
fraction @ -\frac12 @ -1/2 @ -1/2 @ -.5
fraction @ \frac{-3}{8} @ -3/8 @ -\frac{3}{8} @ -3/8
fraction @ -\frac{24}{25} @ -24/25 @ -0.96 @ -24/25
fraction @ -\frac{35}{9} @ -35/9 @ \frac{-35}{9} @ -35/9
fraction @ 1/2 @ 1/2 @ 0.5 @ \frac{1}{2}
fraction @ 3/8 @ 3/8 @ 0.375 @ \frac38
fraction @ 11/36 @ 11/36 @ \frac{11}{36} @ \dfrac{11}{36}
fraction @ -7/3 @ -7/3 @ -\frac{7}{3} @ -\dfrac73
fraction @ 2/4 @ 1/2 @ 1/2 @ 0.5
fraction @ \frac{6}{8} @ 3/4 @ \frac{3}{4} @ 0.75
fraction @ \frac 59 @ 5/9 @ \frac{5}{9} @ 5/9
fraction @ \frac9{19} @ 9/19 @ \frac{9}{19} @ 9/19
fraction @ \frac{448}{15625} @ 448/15625 @ 448/15625 @ 0.028672
fraction @ \frac{1}{1000} @ 1/1000 @ 0.001 @ 1/1000
fraction @ $\frac{5}{6}$ @ 5/6 @ 5/6 @ \dfrac{5}{6}
fraction @ \boxed{\frac{7}{10}} @ 7/10 @ 0.7 @ 7/10
fraction @ x = \frac{3}{5} @ 3/5 @ 3/5 @ 0.6
fraction @ \frac{270}7\text{ degrees} @ 270/7 @ 270/7 @ \frac{270}{7}^\circ
fraction @ \frac{3}{4} \text{ cup} @ 3/4 @ 3/4 cups @ 0.75
fraction @ 1/3 of the cake @ 1/3 @ \frac{1}{3} @ 1/3
fraction @ \frac{1}{100} @ 1/100 @ 0.01 @ .01
fraction @ \frac{100}{3} @ 100/3 @ 33\frac{1}{3} @ 100/3
fraction @ \frac{2}{1005} @ 2/1005 @ 2/1005 @ \dfrac{2}{1005}
mixed @ 1\frac45 @ 9/5 @ 9/5 @ 1.8
mixed @ 1\frac{4}{5} @ 9/5 @ 1.8 @ \frac{9}{5}
mixed @ 137 \frac{1}{2} @ 275/2 @ 137.5 @ \frac{275}{2}
mixed @ 2\frac{1}{4} @ 9/4 @ 2.25 @ 9/4
mixed @ 14\frac{6}{7} @ 104/7 @ \frac{104}{7} @ 104/7
mixed @ -15\frac{3}{5} @ -78/5 @ -15.6 @ -\frac{78}{5}
mixed @ 6\frac{1}{6}\text{ feet} @ 37/6 @ \frac{37}{6} @ 6 1/6 feet
mixed @ 1 1/2 @ 3/2 @ 1.5 @ \frac{3}{2}
mixed @ 3 3/4 cups @ 15/4 @ 3.75 cups @ 15/4
mixed @ 10\frac{1}{12} @ 121/12 @ 121/12 @ \frac{121}{12}
mixed @ 2\dfrac{2}{3} @ 8/3 @ 8/3 @ 2\frac23
mixed @ 5\tfrac12 @ 11/2 @ 5.5 @ 5 1/2
mixed @ $4\frac{3}{8}$ @ 35/8 @ 4.375 @ \frac{35}{8}
percent @ 25\% @ 1/4 @ 25% @ 0.25
percent @ 25% @ 1/4 @ 25\% @ 25 percent
percent @ 50 percent @ 1/2 @ 50% @ 0.5
percent @ 12.5\% @ 1/8 @ 12.5% @ 12\frac12\%
percent @ 237.5\% @ 19/8 @ 237.5% @ 237.50\%
percent @ 100\% @ 1 @ 100% @ 100.0\%
percent @ 6\% @ 3/50 @ 6 \% @ .06
percent @ 32 \% @ 8/25 @ 32\% @ 32 percent
percent @ -10\% @ -1/10 @ -10% @ -0.1
percent @ $75\%$ @ 3/4 @ 75% @ 0.75
percent @ 0.5% @ 1/200 @ .5% @ 0.005
percent @ 33\frac{1}{3}\% @ 1/3 @ \frac{100}{3}\% @ 33 1/3%
percent @ 125\text{ percent} @ 5/4 @ 125\% @ 1.25
percent @ 20% increase @ 1/5 @ 20\% @ 0.2
percent @ 2.5\% @ 1/40 @ 2.50% @ 0.025
money @ $18 @ 18 @ 18 @ \$18.00
money @ \$36 @ 36 @ $36.00 @ 36 dollars
money @ \$18.90 @ 18.9 @ $18.90 @ 18.9
money @ $1,200 @ 1200 @ \$1200 @ 1,200 dollars
money @ \$32,\!348 @ 32348 @ $32,348 @ 32348
money @ \$23{,}000 @ 23000 @ $23,000.00 @ 23000
money @ $0.25 @ 1/4 @ \$.25 @ 0.25
money @ $5.50 @ 11/2 @ \$5.5 @ 5.50
money @ -$5 @ -5 @ -\$5.00 @ -5
money @ $-12.50 @ -12.5 @ -$12.50 @ -12.5
money @ \$ 54.60 @ 54.6 @ \$54.60 @ 54.6
money @ $100.00 @ 100 @ $100 @ 100
money @ $2.5 million @ 2500000 @ $2,500,000 @ 2500000
money @ $\$45$ @ 45 @ $45 @ 45.00
money @ $15 per hour @ 15 @ $15 @ 15 dollars per hour
money @ €30 @ 30 @ 30 @ 30.00
money @ \$306,\!956.63 @ 306956.63 @ $306,956.63 @ 306956.63
money @ $7. @ 7 @ $7 @ 7.00
root @ \sqrt{2} @ sqrt(2) @ \sqrt2 @ 2^{1/2}
root @ \sqrt{51} @ sqrt(51) @ $\sqrt{51}$ @ \sqrt{3}\sqrt{17}
root @ 3\sqrt{2} @ 3*sqrt(2) @ \sqrt{18} @ 3\sqrt2
root @ 3\sqrt2 @ 3*sqrt(2) @ 3\sqrt{2} @ 3 \cdot \sqrt{2}
root @ 11\sqrt2 @ 11*sqrt(2) @ 11 \sqrt{2} @ \sqrt{242}
root @ 70 \sqrt{2} @ 70*sqrt(2) @ 70\sqrt{2} @ 70\cdot\sqrt{2}
root @ 2\sqrt{113} @ 2*sqrt(113) @ 2 \sqrt{113} @ \sqrt{452}
root @ -\sqrt{3} @ -sqrt(3) @ -1\sqrt{3} @ -\sqrt3
root @ -2\sqrt{5} @ -2*sqrt(5) @ -\sqrt{20} @ -2 \sqrt{5}
root @ \frac{\sqrt{3}}{3} @ sqrt(3)/3 @ \frac{1}{\sqrt{3}} @ \sqrt{3}/3
root @ \frac{3\sqrt{3}}{4} @ 3*sqrt(3)/4 @ \dfrac{3\sqrt{3}}{4} @ 3\sqrt{3}/4
root @ \frac{\sqrt{21}}{5} @ sqrt(21)/5 @ \sqrt{21}/5 @ \tfrac{\sqrt{21}}{5}
root @ -\frac{\sqrt{2}}{2} @ -sqrt(2)/2 @ -\frac{1}{\sqrt{2}} @ \frac{-\sqrt{2}}{2}
root @ \tfrac{4\sqrt{14}}{3} @ 4*sqrt(14)/3 @ \frac{4\sqrt{14}}{3} @ 4\sqrt{14}/3
root @ \sqrt[3]{5} @ 5**(1/3) @ 5^{1/3} @ $\sqrt[3]{5}$
root @ 2\sqrt[3]{7} @ 2*7**(1/3) @ \sqrt[3]{56} @ 2 \sqrt[3]{7}
root @ 5\sqrt{3} \text{ cm} @ 5*sqrt(3) @ 5\sqrt{3} @ \sqrt{75}
root @ $6\sqrt{2}$ @ 6*sqrt(2) @ 6\sqrt2 @ \sqrt{72}
root @ 4\sqrt{10} @ 4*sqrt(10) @ \sqrt{160} @ 2\sqrt{40}
root @ x = \sqrt{7} @ sqrt(7) @ \sqrt{7} @ x=\sqrt7
root @ 2√3 @ 2*sqrt(3) @ 2\sqrt{3} @ \sqrt{12}
tuple @ (2,5) @ (2, 5) @ (2, 5) @ \left(2,5\right)
tuple @ (0,0) @ (0, 0) @ (0, 0) @ $(0,0)$
tuple @ (-2,1) @ (-2, 1) @ (-2, 1) @ (-2.0,1)
tuple @ (15,-29) @ (15, -29) @ \left( 15,-29 \right) @ (15, -29)
tuple @ (6,31,-1) @ (6, 31, -1) @ (6, 31, -1) @ \left(6, 31, -1\right)
tuple @ (1,-16,-4,43) @ (1, -16, -4, 43) @ (1, -16, -4, 43) @ $(1,-16,-4,43)$
tuple @ \left( \frac{3}{2}, -13 \right) @ (3/2, -13) @ (1.5,-13) @ (\frac{3}{2},-13)
tuple @ \left( 3, \frac{\pi}{2} \right) @ (3, pi/2) @ (3,\frac{\pi}{2}) @ (3, \pi/2)
tuple @ (8\sqrt{3}, 14) @ (8*sqrt(3), 14) @ (8\sqrt3,14) @ (8 \sqrt{3}, 14)
tuple @ \left(\tfrac{15}{4},0\right) @ (15/4, 0) @ (15/4, 0) @ (3.75,0)
tuple @ (3+\sqrt{5},-1) @ (3+sqrt(5), -1) @ (\sqrt{5}+3,-1) @ (3 + \sqrt{5}, -1)
tuple @ (x,y) = (3,4) @ (3, 4) @ (3,4) @ (3, 4)
tuple @ (100, 101) @ (100, 101) @ (100,101) @ (100.0, 101)
tuple @ (5,-5,-6) @ (5, -5, -6) @ (5, -5, -6) @ \left(5,-5,-6\right)
tuple @ \left( 0, \frac{1}{4} \right) @ (0, 1/4) @ (0,0.25) @ (0,1/4)
list @ 1,-2 @ (1, -2) @ 1, -2 @ $1,-2$
list @ 3, 5, 7 @ (3, 5, 7) @ 3,5,7 @ $3, 5, 7$
list @ -2,1 @ (-2, 1) @ -2, 1 @ -2 \text{ and } 1
list @ 3 and 5 @ (3, 5) @ 3, 5 @ 3 \text{ and } 5
list @ \frac{3}{5}, -\frac{12}{5} @ (3/5, -12/5) @ 0.6, -2.4 @ 3/5, -12/5
list @ \sqrt{2},-\sqrt{2} @ (sqrt(2), -sqrt(2)) @ \sqrt2, -\sqrt2 @ $\sqrt{2}, -\sqrt{2}$
list @ -12 \text{ or } -30 @ (-12, -30) @ -12, -30 @ -12 or -30
list @ 0, 1, 2, 4 @ (0, 1, 2, 4) @ 0,1,2,4 @ 0, 1, 2, and 4
set @ \{1,2\} @ (1, 2) @ \{2,1\} @ \{1, 2\}
set @ \{4,5,7\} @ (4, 5, 7) @ \{5, 4, 7\} @ \left\{4,5,7\right\}
set @ \{-3,3\} @ (-3, 3) @ \{3,-3\} @ \{-3, 3\}
interval @ [0,1) @ Interval.Ropen(0,1) @ [0, 1) @ \left[0,1\right)
interval @ (3,4] @ Interval.Lopen(3,4) @ (3, 4] @ \left(3,4\right]
interval @ [-2,7] @ Interval(-2,7) @ [-2, 7] @ x \in [-2,7]
interval @ x \in [-2,7] @ Interval(-2,7) @ [-2,7] @ \left[-2,7\right]
interval @ (2,\infty) @ Interval.open(2,oo) @ (2, \infty) @ (2, +\infty)
interval @ (-\infty, 0] @ Interval(-oo,0) @ (-\infty,0] @ \left(-\infty,0\right]
interval @ [5,\infty) @ Interval(5,oo) @ [5, \infty) @ \left[5,\infty\right)
interval @ (-\infty, 3) @ Interval.open(-oo,3) @ (-\infty,3) @ \left(-\infty, 3\right)
interval @ \left(\frac{3}{5},\frac{8}{3}\right] @ Interval.Lopen(3/5,8/3) @ (3/5, 8/3] @ (0.6,\frac{8}{3}]
interval @ \left[ \frac{\pi^2}{8}, \frac{5 \pi^2}{4} \right] @ Interval(pi**2/8,5*pi**2/4) @ [\frac{\pi^2}{8},\frac{5\pi^2}{4}] @ [\pi^2/8, 5\pi^2/4]
interval @ (0,9) \cup (9,36) @ Union(Interval.open(0,9),Interval.open(9,36)) @ (0,9)\cup(9,36) @ (0, 9) \cup (9, 36)
interval @ (-\infty, 2) \cup (3, \infty) @ Union(Interval.open(-oo,2),Interval.open(3,oo)) @ (3,\infty) \cup (-\infty,2) @ (-\infty,2)\cup(3,\infty)
interval @ (-\infty,-1] \cup [1,\infty) @ Union(Interval(-oo,-1),Interval(1,oo)) @ (-\infty, -1] \cup [1, \infty) @ \left(-\infty,-1\right] \cup \left[1,\infty\right)
interval @ [-\tfrac13, 1] @ Interval(-1/3,1) @ [-\frac{1}{3},1] @ [-1/3, 1]
interval @ (0, 3] \cup [\tfrac72, \infty) @ Union(Interval.Lopen(0,3),Interval(7/2,oo)) @ (0,3]\cup[3.5,\infty) @ (0,3] \cup [\frac{7}{2},\infty)
expression @ 2x+3 @ 2*x+3 @ 3+2x @ 2x + 3
expression @ x^2-1 @ x**2-1 @ (x-1)(x+1) @ x^{2} - 1
expression @ p - q @ p-q @ -q+p @ p-q
expression @ 2k+2 @ 2*k+2 @ 2(k+1) @ 2 + 2k
expression @ -13x+3 @ -13*x+3 @ 3-13x @ -13x + 3
expression @ 15x - 80 @ 15*x-80 @ 5(3x-16) @ -80+15x
expression @ x^3+3x-6 @ x**3+3*x-6 @ 3x+x^3-6 @ x^3 + 3x - 6
expression @ 6r^2-4r-24 @ 6*r**2-4*r-24 @ 2(3r^2-2r-12) @ -4r+6r^2-24
expression @ 8n^2 + 4n + 1 @ 8*n**2+4*n+1 @ 4n+8n^2+1 @ 8n^{2}+4n+1
expression @ (a+5)(b+2) @ (a+5)*(b+2) @ (b+2)(a+5) @ ab+2a+5b+10
expression @ 5r^5 @ 5*r**5 @ 5r^{5} @ 5 r^5
expression @ 3R^2 @ 3*R**2 @ 3R^{2} @ 3 R^2
expression @ 14k @ 14*k @ 14 k @ 7k+7k
expression @ \frac{11+9a}{20} @ (11+9*a)/20 @ \frac{9a+11}{20} @ \frac{11}{20}+\frac{9a}{20}
expression @ y = 2x + 3 @ 2*x+3 @ y=2x+3 @ y=3+2x
expression @ y = -2x @ -2*x @ y=-2x @ y = -2 x
expression @ \pi @ pi @ $\pi$ @ 1\pi
expression @ 12\pi @ 12*pi @ 12 \pi @ 12\cdot\pi
expression @ 288 \pi @ 288*pi @ 288\pi @ \pi \cdot 288
expression @ \frac{\pi}{6} @ pi/6 @ \pi/6 @ \dfrac{\pi}{6}
expression @ -\frac{\pi}{6} @ -pi/6 @ -\pi/6 @ \frac{-\pi}{6}
expression @ \frac{20000}{\pi} @ 20000/pi @ 20000/\pi @ \dfrac{20000}{\pi}
expression @ 18+2\pi @ 18+2*pi @ 2\pi+18 @ 2(9+\pi)
expression @ 1+2\sqrt{3} @ 1+2*sqrt(3) @ 2\sqrt{3}+1 @ 1 + 2\sqrt3
expression @ 11 \sqrt{5} + 11 @ 11*sqrt(5)+11 @ 11(1+\sqrt{5}) @ 11+11\sqrt{5}
expression @ 3 - 2 \sqrt{2} @ 3-2*sqrt(2) @ (\sqrt{2}-1)^2 @ 3-2\sqrt{2}
expression @ \frac{1+\sqrt{5}}{2} @ (1+sqrt(5))/2 @ \frac{1}{2}+\frac{\sqrt{5}}{2} @ (1+\sqrt{5})/2
expression @ 6 - 5i @ 6-5*I @ -5i+6 @ 6-5i
expression @ 1+274i @ 1+274*I @ 274i+1 @ 1 + 274i
expression @ -2 + 7i @ -2+7*I @ 7i-2 @ -2+7i
expression @ 2^{10} @ 2**10 @ 1024 @ 4^5
expression @ 2^{100} - 2 @ 2**100-2 @ -2+2^{100} @ 2(2^{99}-1)
expression @ \frac{x}{x+1} @ x/(x+1) @ x/(x+1) @ 1-\frac{1}{x+1}
expression @ x^2 + 4x + 4 @ x**2+4*x+4 @ (x+2)^2 @ 4+4x+x^2
expression @ \frac{1}{N+1} @ 1/(n_0+1) @ 1/(N+1) @ (N+1)^{-1}
expression @ -2^{49} @ -2**49 @ -(2^{49}) @ -562949953421312
expression @ 7x^2 - 11x + 17 @ 7*x**2-11*x+17 @ 17-11x+7x^2 @ 7x^{2}-11x+17
expression @ \cot x @ cot(x) @ \frac{1}{\tan x} @ \cot(x)
expression @ 3\sin x @ 3*sin(x) @ 3\sin(x) @ 3 \sin x
expression @ 8x^9-125y^6 @ 8*x**9-125*y**6 @ -125y^6+8x^9 @ 8x^{9}-125y^{6}
based @ 52_8 @ 42 @ 52_{8} @ $52_8$
based @ 1011_2 @ 11 @ 1011_{2} @ $1011_2$
based @ 4210_{5} @ 555 @ 4210_5 @ $4210_5$
based @ 4343_6 @ 999 @ 4343_{6} @ $4343_6$
ratio @ 2:3 @ 2/3 @ 4:6 @ 2 : 3
ratio @ 1 : 2 @ 1/2 @ 1:2 @ 2:4
ratio @ 3:1 @ 3 @ 6:2 @ 3 : 1
time @ 5:30 @ 5:30 @ 05:30 @ 5:30 p.m.
time @ 3:45 p.m. @ 3:45pm @ 3:45 PM @ 3:45 pm
time @ 11:15 a.m. @ 11:15am @ 11:15 AM @ 11:15
choice @ (C) @ C @ C @ \text{(C)}
choice @ B @ B @ (B) @ \textbf{(B)}
choice @ \text{(E)} @ E @ E @ (E)
choice @ \textbf{(A)} @ A @ (A) @ A
choice @ (D) @ D @ D) @ \text{D}
choice @ A @ A @ (A) @ $A$
word @ yes @ yes @ Yes @ \text{yes}
word @ No @ no @ no @ NO
word @ \text{even} @ even @ even @ Even
word @ \text{odd} @ odd @ odd @ Odd.
word @ True @ true @ true @ \text{True}
word @ Tuesday @ tuesday @ \text{Tuesday} @ tuesday
word @ \text{Saturday} @ saturday @ Saturday @ saturday
word @ August @ august @ \text{August} @ august
word @ \text{east} @ east @ east @ East
word @ blue @ blue @ \text{blue} @ Blue
word @ increasing @ increasing @ \text{increasing} @ Increasing
word @ \text{ellipse} @ ellipse @ ellipse @ an ellipse
word @ \text{Evelyn} @ evelyn @ Evelyn @ evelyn
word @ \mbox{four} @ four @ four @ Four
word @ sometimes @ sometimes @ Sometimes @ \text{sometimes}
word @ obtuse @ obtuse @ \text{obtuse} @ Obtuse
word @ north @ north @ North @ \text{North}
"""

GOLD_FORMS = tuple(
    GoldForm(kind, gold, value, (first, second))
    for kind, gold, value, first, second in (
        [cell.strip() for cell in line.split(" @ ")] for line in _TABLE.strip().splitlines()
    )
)

_TRANSFORMATIONS = (*standard_transformations, implicit_multiplication_application, rationalize)
_LETTERS = {letter: sympy.Symbol(letter) for letter in "abcdkmnpqrxyzR"} | {
    "N": sympy.Symbol("n_0"),
    "i": sympy.I,
    "pi": sympy.pi,
    "oo": sympy.oo,
}
_STRUCTURES = ("tuple", "list", "set", "interval")


def read_value(value: str) -> object:
    """The handwritten value of a gold form."""
    return sympy.sympify(value, rational=True, locals={"q": sympy.Symbol("q")})


def value_of(text: str, kind: str) -> object:
    """The value of an answer text of a kind, read by replacements and sympy."""
    if kind in ("word", "time", "choice"):
        bare = re.sub(r"\\(?:textbf|text|mbox)|[{}()$.\s]", "", text)
        return bare.upper() if kind == "choice" else bare.lower()
    text = re.sub(r"^\\boxed\{(.*)\}$|^\\\((.*)\\\)$", r"\1\2", text.strip().strip("*"))
    text = re.sub(r"^\(x,y\) = |^[a-z]\s*=\s*|^x \\in ", "", text)
    if kind == "based":
        digits, base = re.sub(r"[{}$]", "", text).split("_")
        return sympy.Integer(int(digits, int(base)))
    if kind == "ratio":
        first, second = text.split(":")
        return sympy.Rational(int(first), int(second))
    text = _without_units(text)
    if kind in _STRUCTURES:
        return _structure(text, kind)
    scale = sympy.Rational(1, 100) if kind == "percent" else 1
    scale = 1_000_000 if "million" in text else scale
    text = re.sub(r"\\?%|\\?\$|€|million", "", text)
    return _formula(text) * scale


def _without_units(text: str) -> str:
    text = re.sub(r"\\(?:text|mbox)\{ (and|or) \}", r" \1 ", text)
    text = re.sub(r"\\(?:text|mbox)\s*\{[^}]*\}(\^\d)?|\^\\circ|\^\{\\circ\}|°", "", text)
    words = r"people|more apples|apples|hours|minutes|cups?|cm|square feet|miles per hour|per hour|mL|days|dollars"
    words += r"|cents|kg|of the cake|percent increase|percent|increase|feet|\.$"
    return re.sub(rf"(?<=[\d%\s}}])\s*(?:{words})", "", text)


def _formula(text: str) -> sympy.Expr:
    text = re.sub(r",\\!\s*|\{,\}|\\,(?=\d{3})|(?<=\d),(?=\d{3})", "", text).replace("−", "-").strip(" $")
    text = re.sub(r"^(-?\d+) (?=\d+/)", r"\1+", text) if not text.startswith("-") else text
    text = re.sub(r"^(-?)(\d+)\s*\\[dt]?frac\s*(\d)(\d)$", r"\1(\2+\3/\4)", text)
    text = re.sub(r"^(-?)(\d+)\s*\\[dt]?frac\{(\d+)\}\{(\d+)\}$", r"\1(\2+\3/\4)", text)
    text = re.sub(r"\\[dt]?frac\s*(\d)\s*(\d)", r"((\1)/(\2))", text)
    text = re.sub(r"\\[dt]?frac(\d)\{", r"\\frac{\1}{", text)
    text = re.sub(r"\\[dt]?frac\{(\d+)\}(\d)", r"((\1)/(\2))", text)
    text = re.sub(r"\\frac(\d+)", r"\\frac{\1}", text)
    text = re.sub(r"\\sqrt\[3\]\{(\d+)\}", r"((\1)**(1/3))", text)
    text = re.sub(
        r"\\sqrt\s*\{([^{}]*)\}|\\sqrt\s*(\d)|√(\d+)", lambda m: f"sqrt({m[1] or m[2] or m[3]})", text
    )
    text = re.sub(r"\^\{([^{}]*)\}", r"**(\1)", text).replace("^", "**")
    while re.search(r"\\[dt]?frac\s*\{", text):
        text = re.sub(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}", r"((\1)/(\2))", text)
    text = re.sub(r"\\(sin|cos|tan|cot)\s*(\d*x)", r"\1(\2)", text)
    text = text.replace("\\infty", "oo").replace("\\pi", " pi ").replace("\\cdot", "*").replace("\\", "")
    return parse_expr(text, local_dict=dict(_LETTERS), transformations=_TRANSFORMATIONS)


def _structure(text: str, kind: str) -> object:
    text = re.sub(r"\\left\s*|\\right\s*", "", text).replace("\\{", "").replace("\\}", "")
    if kind == "interval":
        return sympy.Union(*[_interval(piece.strip()) for piece in text.split(r"\cup")])
    inner = text.strip(" $()") if kind != "tuple" else text.strip(" $")[1:-1]
    pieces = re.split(r",\s*(?:and )?|\s+(?:and|or)\s+", inner)
    entries = [_formula(piece) for piece in pieces]
    return sympy.FiniteSet(*entries) if kind == "set" else sympy.Tuple(*entries)


def _interval(text: str) -> sympy.Set:
    low, high = (_formula(piece) for piece in text[1:-1].split(","))
    return sympy.Interval(low, high, text[0] == "(", text[-1] == ")")
