"""The sentence forms, in plots. The marks are explained in grammar.py.

A plot is a topic, a headline, and steps; one form of each step is told. A line that begins with
"=" says the same as the line above it. A step that begins with "?" may be left out. "~" before a
form: training never sees it.

Two clauses make a sentence with and, but, so or because, in every combination; one combination in
eight is held out. "%" is where the Korean ending goes: -다, -고, -지만, -어서.
"""

OPEN = """
It was a {R} day=d. || {R} 날=d _이었다.
{T} {A} and=A.p {B} were=v {at p}. || {T} {A와} {B은} {p에} 있었다=v.
{A} and=A.p {B} were friends=w. || {A와} {B은} 친구=w _였다.
{T} {A} met=v {B} {at p}. || {T} {A은} {p에서} {B을} 만났다=v.
{A} and=A.p {B} played=v {at p}. || {A와} {B은} {p에서} 놀았다=v.
{A} played=v with=B.p {B} {at p}. || {A은} {p에서} {B와} 놀았다=v.
~{T} {A} saw=v {B} and=B.p {C} {at p}. || {T} {A은} {p에서} {B와} {C을} 보았다=v.
"""

FEEL = """
{A} was {f}. || {A은} {f다}.
{B} was {f}. || {B은} {f다}.
{B} was {g}. || {B은} {g다}.
{A} was not=not {g}. || {A은} {g지} 않았다=not.
{A} was {f}, but=but {B} was {g}. || {A은} {f지만=but} {B은} {g다}.
{A} and=A.p {B} were {f}. || {A와} {B은} {f다}.
"I am {g}," said=s {B}. || {B은} “나 _는 {g해}.”라고 말했다=s.
"Are you {g}?" asked=s {A}. || {A은} “너 _는 {g해}?”라고 물었다=s.
{B} asked=s, "Are you {g}, {A}?" || {B은} “{A아}, 너 _는 {g해}?”라고 물었다=s.
{A} was {g}, so=so {he A} {V} {the y}. || {A은} {g어서=so} {y을} {V다}.
= {A} {V} {the y} because=so {he A} was {g}. || {A은} {g어서=so} {y을} {V다}.
~{A} was {g} because=so {B} {V} {the y}. || {B이} {y을} {V어서=so} {A은} {g다}.
~{A} was {g} and=and {B} {U}. || {A은} {g고=and} {B은} {U다}.
"""

DEEDS = """
{A} {V} {the x}. || {A은} {x을} {V다}.
{A} {V} {the x+}. || {A은} {x+을} {V다}.
{A} {V} {the x} {at p}. || {A은} {p에서} {x을} {V다}.
{B} {X} {the y} {at q}. || {B은} {q에서} {y을} {X다}.
{He A} {V} {the x}. || {x을} {V다}.
{He B} {X} {the y} {at p}. || {p에서} {y을} {X다}.
{B} did=not not=not {V.inf} {the y}. || {B은} {y을} {V지} 않았다=not.
{B} could=not not=not {V.inf} {the y}. || {B은} {y을} {V지} 못했다=not.
{The x} that {A} {V} was {d}. || {A이} {V은} {x은} {d다}.
{The x} that {A} {V} was {x.col}. || {A이} {V은} {x은} {x.col였다}.
{A} {V} {the x} that {B} {X}. || {A은} {B이} {X은} {x을} {V다}.
{The x} was {d}, but=but {the y} was {j}. || {x은} {d지만=but} {y은} {j다}.
{The x} was {x.col}. || {x은} {x.col였다}.
{The x} was not=not {d}. || {x은} {d지} 않았다=not.
{A} {V} {the x}, and=and {B} {X} {the y}. || {A은} {x을} {V고=and} {B은} {y을} {X다}.
{A} wanted=w to {V.inf} {the x}, but=but {B} {X} it. || \
{A은} {x을} {V고} 싶어=w 했=w _지만=but {B이} {X다}.
{A} wanted=w to {V.inf} {the y}. || {A은} {y을} {V고} 싶어=w 했다=w.
{A} {Q} {B}. || {A은} {B을} {Q다}.
{B} {Q} {A} {at p}. || {B은} {p에서} {A을} {Q다}.
{He B} {Q} {A}. || {A을} {Q다}.
The one=who who {Q} {B} was {A}. || {B을} {Q은} 사람=who _은 {A였다}.
= It was {A} who=who {Q} {B}. || {B을} {Q은} 사람=who _은 {A였다}.
The one=who that {A} {Q} was {B}. || {A이} {Q은} 사람=who _은 {B였다}.
{A} {U} {at p}. || {A은} {p에서} {U다}.
{B} {U}. || {B은} {U다}.
{B} did=not not=not {U.inf}. || {B은} {U지} 않았다=not.
{A} {U}, and=and {B} {Y}. || {A은} {U고=and} {B은} {Y다}.
{A} {U}, but=but {B} did=not not=not. || {A은} {U지만=but} {B은} 그러지 않았다=not.
{A} {W} to=p.p {p} to=to {V.inf} {the x}. || {A은} {x을} {V려고=to} {p로} {W다}.
{A} {W} to=p.p {p}. || {A은} {p로} {W다}.
{He A} {W} to=p.p {p}. || {p로} {W다}.
{A} {V} {a x+} and=x.p {a y+}. || {A은} {x+와} {y+을} {V다}.
{C} knew=w that=that {A} {V} {the x}. || {C은} {A이} {x을} {V은} 것=that _을=that 알았다=w.
"I {V} {the x}," said=s {A}. || {A은} “내 _가 {x을} {V어}.”라고 말했다=s.
= {A} said=s, "I {V} {the x}." || {A은} “내 _가 {x을} {V어}.”라고 말했다=s.
{A} saw=s {N} {n.s} {at p}. || {A은} {p에서} {n#을} 보았다=s.
{A} looked=v at {himself:self A} in=r.p the mirror=r. || {A은} 거울=r _로=r.p 자기=self 모습=self _을=self 보았다=v.
{B} put=k.v {the x} {in k}. || {B은} {x을} {k에} {k.put다}.
{A} put=k.v {his:own A} {x} {in k}. || {A은} 자기=own {x을} {k에} {k.put다}.
~{A} found=v {the x} that {B} hid=h. || {A은} {B이} 숨긴=h {x을} 찾았다=v.
~It was {A} who=who {V} {the x}. || {x을} {V은} 사람=who _은 {A였다}.
~There was=i {a x+} {at p}. || {p에} {x+이} 있었다=i.
~{B} {U} {at p} with=A.p {A}. || {B은} {p에서} {A와} {U다}.
~{A} {V} {the x} and=and {W} to=p.p {p}. || {A은} {x을} {V고=and} {p로} {W다}.
"""

# Said of A, with B, x, p; and said of the second clause's subject, with C, y, q.
FIRST = """
{V} {the x} || {x을} {V%}
{V} {the x} {at p} || {p에서} {x을} {V%}
{Q} {B} || {B을} {Q%}
{U} {at p} || {p에서} {U%}
{U} || {U%}
{W} to=p.p {p} || {p로} {W%}
was {g} || {g%}
{G} {the x} to=B.p {B} || {x을} {B에게} {G%}
{G} {B} {the x} || {B에게} {x을} {G%}
"""
SECOND = """
{X} {the y} || {y을} {X%}
{X} {the y} {at q} || {q에서} {y을} {X%}
{Z} {C} || {C을} {Z%}
{Y} {at q} || {q에서} {Y%}
{Y} || {Y%}
{K} to=q.p {q} || {q로} {K%}
was {f} || {f%}
{H} {the y} to=C.p {C} || {y을} {C에게} {H%}
{H} {C} {the y} || {C에게} {y을} {H%}
"""
# 1 and 2 are the clauses; an ending after them says how they are joined.
JOINED = """
{A} 1, and=and {B} 2. || {A은} 1고 {B은} 2다.
{A} 1 and=and 2. || {A은} 1고 2다.
{A} 1, but=but {B} 2. || {A은} 1지만 {B은} 2다.
{A} 1, so=so {he A} 2. || {A은} 1어서 2다.
{A} 2 because=so {he A} 1. || {A은} 1어서 2다.
{A} 1, so=so {B} 2. || {A이} 1어서 {B은} 2다.
{B} 2 because=so {A} 1. || {A이} 1어서 {B은} 2다.
"""

CLOSE = """
They=t went=v home=h. || 둘=t _은 집=h _으로 갔다=v.
{A} went=v home=h. || {A은} 집=h _으로 갔다=v.
{A} went=v home=h with=B.p {B}. || {A은} {B와} 집=h _으로 갔다=v.
{A} went=v home=h and=and slept=s. || {A은} 집=h _에 가=v _서=and 잤다=s.
They=t were friends=w again=a. || 둘=t _은 다시=a 친구=w _가 되었다.
{A} and=A.p {B} laughed=v. || {A와} {B은} 웃었다=v.
"Goodbye=v, {B}," said=s {A}. || {A은} “안녕=v, {B아}.”라고 말했다=s.
They=t were {f}. || 둘=t _은 {f다}.
"""

PLOTS = [
    ("gift", "{A} gives {B} {a x+}", """
{T} {A} gave=v {B} {a x+}. || {T} {A은} {B에게} {x+을} 주었다=v.
= {T} {A} gave=v {a x+} to=B.p {B}. || {T} {A은} {x+을} {B에게} 주었다=v.
= {T} {B} got=v {a x+} from=A.p {A}. || {T} {B은} {A에게서} {x+을} 받았다=v.
= {T} {A} handed=v {B} {a x+}. || {T} {A은} {B에게} {x+을} 건넸다=v.
~{T} {A} sold=v {a x+} to=B.p {B}. || {T} {A은} {x+을} {B에게} 팔았다=v.
""", """
{B} thanked=v {A}. || {B은} {A에게} 고마워했다=v.
"Thank=v you, {A}," said=s {B}. || {B은} “고마워=v, {A아}.”라고 말했다=s.
= {B} said=s, "Thank=v you, {A}." || {B은} “고마워=v, {A아}.”라고 말했다=s.
{The x} that {A} gave=v {B} was {d}. || {A이} {B에게} 준=v {x은} {d다}.
{B} liked=v {the x}. || {B은} {x이} 마음=v _에=v 들었다=v.
~{B} did=not not=not like=v {the x}. || {B은} {x이} 마음=v _에=v 들지=v 않았다=not.
""", """?
{B} showed=v {the x} to=C.p {C}. || {B은} {x을} {C에게} 보여=v 주었다=v.
{B} showed=v {C} {the x}. || {B은} {C에게} {x을} 보여=v 주었다=v.
{He B} gave=v it back=v to=A.p {A}. || {A에게} 돌려주었다=v.
{B} gave=v it back=v to=A.p {A}. || {B은} {A에게} 돌려주었다=v.
{B} wanted=w to give=v {A} {a y}. || {B은} {A에게} {y을} 주고=v 싶어=w 했다=w.
{B} gave=v {his:own B} {y} to=A.p {A}. || {B은} 자기=own {y을} {A에게} 주었다=v.
"""),
    ("lost", "{A} loses {his A} {x} and {B} finds it", """
{T} {A} lost=v {his:own A} {x}. || {T} {A은} 자기=own {x을} 잃어버렸다=v.
{T} {A} lost=v {his:own A} {x+} {at p}. || {T} {A은} {p에서} 자기=own {x+을} 잃어버렸다=v.
""", """
{A} looked=v for=v {the x} {at p}. || {A은} {p에서} {x을} 찾아다녔다=v.
{A} could=not not=not find=v {the x}. || {A은} {x을} 찾지=v 못했다=not.
{He A} could=not not=not find=v it. || 찾지=v 못했다=not.
"Where=w is=i my=m {x}?" asked=s {A}. || {A은} “내=m {x은} 어디=w _에=w 있어=i?”라고 물었다=s.
= {A} asked=s where=w {his:own A} {x} was=i. || {A은} 자기=own {x이} 어디=w _에=w 있는지=i 물었다=s.
{A} asked=s {B} where=w {the x} was=i. || {A은} {B에게} {x이} 어디=w _에=w 있는지=i 물었다=s.
{A} was {g} because=so {he A} lost=v {his:own A} {x}. || {A은} 자기=own {x을} 잃어버려=v _서=so {g다}.
= {A} lost=v {his:own A} {x}, so=so {he A} was {g}. || {A은} 자기=own {x을} 잃어버려=v _서=so {g다}.
""", """?
{B} helped=v {A}. || {B은} {A을} 도왔다=v.
{B} said=s, "I will help=v you." || {B은} “내 _가 도와줄게=v.”라고 말했다=s.
= "I will help=v you," said=s {B}. || {B은} “내 _가 도와줄게=v.”라고 말했다=s.
{B} looked=v {in k}. || {B은} {k을} 보았다=v.
""", """
{B} found=v {the x} {in k}. || {B은} {k에서} {x을} 찾았다=v.
= {The x} was=i {in k}, and=and {B} found=v it. || {x은} {k에} 있었=i _고=and {B이} 찾았다=v.
= {In k} {B} found=v {the x}. || {k에서} {B은} {x을} 찾았다=v.
{L} {B} found=v it {in k}. || {L} {B은} {k에서} 찾았다=v.
""", """?
{The x} that {B} found=v was {A's}. || {B이} 찾은=v {x은} {A의} 것 _이었다.
"Is this=t your=y {x}?" asked=s {B}. || {B은} “이거=t 네=y {x야}?”라고 물었다=s.
"Yes=y, it is mine=m," said=s {A}. || {A은} “응=y, 내=m 거야=m.”라고 말했다=s.
{A} was {f} because=so {B} found=v {the x}. || {B이} {x을} 찾아=v _서=so {A은} {f다}.
= {B} found=v {the x}, so=so {A} was {f}. || {B이} {x을} 찾아=v _서=so {A은} {f다}.
"""),
    ("journey", "{A} and {B} go to {the p}", """
{T} {A} and=A.p {B} {W} to=p.p {p}. || {T} {A와} {B은} {p로} {W다}.
= {T} {A} {W} to=p.p {p} with=B.p {B}. || {T} {A은} {B와} 함께=B.p {p로} {W다}.
""", """
{A} wanted=w to go=v to=q.p {q}. || {A은} {q에} 가고=v 싶어=w 했다=w.
{B} did=not not=not go=v to=q.p {q}. || {B은} {q에} 가지=v 않았다=not.
{A} wanted=w to go=v to=q.p {q}, but=but {B} was {g}. || {A은} {q에} 가고=v 싶어=w 했=w _지만=but {B은} {g다}.
{A} walked=v from=p.p {p} to=q.p {q}. || {A은} {p에서} {q까지} 걸어갔다=v.
~{B} ran=v from=p.p {p} to=q.p {q}. || {B은} {p에서} {q까지} 달려갔다=v.
{A} saw=v {N} {n.s} {at p}. || {A은} {p에서} {n#을} 보았다=v.
There were=i {N} {n.s} {at p}. || {p에} {n#이} 있었다=i.
It rained=r {at p}. || {p에} 비=r _가=r 내렸다=r.
It rained=r, so=so {A} and=A.p {B} ran=v to=q.p {q}. || 비=r _가=r 와=r _서=so {A와} {B은} {q로} 달려갔다=v.
= {A} and=A.p {B} ran=v to=q.p {q} because=so it rained=r. || 비=r _가=r 와=r _서=so {A와} {B은} {q로} 달려갔다=v.
{A} ran=v to=q.p {q}, but=but {B} walked=w. || {A은} {q로} 달려갔=v _지만=but {B은} 걸어갔다=w.
""", """?
{A} waited=v for=v {B} {at p}. || {A은} {p에서} {B을} 기다렸다=v.
{L} they=t {W} to=q.p {q}. || {L} 둘=t _은 {q로} {W다}.
{L} {B} came=v home=h with=A.p {A}. || {L} {B은} {A와} 함께=A.p 집=h _에 돌아왔다=v.
{A} and=A.p {B} rested=v {at p}. || {A와} {B은} {p에서} 쉬었다=v.
"""),
    ("food", "{A} buys {N} {e.s}", """
{T} {A} bought=v {N} {e.s} {at s}. || {T} {A은} {s에서} {e#을} 샀다=v.
= {T} {A} went=w to=s.p {s} and=and bought=v {N} {e.s}. || {T} {A은} {s에} 가=w _서=and {e#을} 샀다=v.
""", """
{B} was hungry=h, so=so {he B} ate=v {a e}. || {B은} 배=h _가=h 고파=h _서=so {e을} 먹었다=v.
= {B} ate=v {a e} because=so {he B} was hungry=h. || {B은} 배=h _가=h 고파=h _서=so {e을} 먹었다=v.
{B} ate=v {the e} that {A} bought=b. || {B은} {A이} 산=b {e을} 먹었다=v.
{The e} that {A} bought=v was {t}. || {A이} 산=v {e은} {t다}.
{A} gave=v {B} one=o {e}. || {A은} {B에게} {e} 한=o 개=o _를 주었다=v.
{B} wanted=w to eat=v {a e}. || {B은} {e을} 먹고=v 싶어=w 했다=w.
{A} shared=v {the e} with=B.p {B}. || {A은} {e을} {B와} 나누어=v 먹었다=v.
~{C} ate=v {the e} that {B} wanted=w. || {C은} {B이} 원한=w {e을} 먹었다=v.
""", """?
{B} did=not not=not eat=v {the e}. || {B은} {e을} 먹지=v 않았다=not.
{The e} was {t}. || {e은} {t다}.
{A} was not=not hungry=h. || {A은} 배=h _가=h 고프지=h 않았다=not.
{B} thanked=v {A}. || {B은} {A에게} 고마워했다=v.
"""),
    ("food", "{A} bakes {a o} and gives it to {B}", """
{T} {A} baked=v {a o} and=and gave=g it to=B.p {B}. || {T} {A은} {o을} 구워=v _서=and {B에게} 주었다=g.
= {T} {A} gave=g {B} {a o} that {he A} baked=v. || {T} {A은} 구운=v {o을} {B에게} 주었다=g.
""", """
{The o} was {t}. || {o은} {t다}.
{B} ate=v {the o}. || {B은} {o을} 먹었다=v.
{B} ate=v {the o} that {A} baked=b. || {B은} {A이} 구운=b {o을} 먹었다=v.
{B} shared=v {the o} with=C.p {C}. || {B은} {o을} {C와} 나누어=v 먹었다=v.
"Thank=v you, {A}," said=s {B}. || {B은} “고마워=v, {A아}.”라고 말했다=s.
"""),
    ("animal", "{a n} follows {A}", """
{T} {a n} ran=v to=A.p {A}. || {T} {n이} {A에게} 달려왔다=v.
{T} {A} met=v {a n} {at p}. || {T} {A은} {p에서} {n을} 만났다=v.
{T} {A} saw=v {a n} {at p}. || {T} {A은} {p에서} {n을} 보았다=v.
""", """
{The n} followed=v {A} to=q.p {q}. || {n은} {A을} {q까지} 따라갔다=v.
{A n} followed=v {A} to=q.p {q}. || {n이} {A을} {q까지} 따라갔다=v.
""", """
{The n} slept=v {in h}. || {n은} {h에서} 잤다=v.
{The n} that {A} saw=v was {i}. || {A이} 본=v {n은} {i다}.
{The n} was {i}. || {n은} {i다}.
{A} gave=v {the n} {a e}. || {A은} {n에게} {e을} 주었다=v.
{A} gave=v {a e} to=n.p {the n}. || {A은} {e을} {n에게} 주었다=v.
{A} was scared=g of {the n}, but=but {B} was not=not. || {A은} {n이} 무서웠=g _지만=but {B은} 무섭지 않았다=not.
"Look=l, {a n}!" said=s {A}. || {A은} “봐=l, {n야}!”라고 말했다=s.
{The n} did=not not=not come=v. || {n은} 오지=v 않았다=not.
~{The n} that slept=v {in h} was {i}. || {h에서} 잔=v {n은} {i다}.
"""),
    ("animal", "{a n} takes {A's} {x}", """
{T} {a n} took=v {A's} {x} and=and ran=r away=r. || {T} {n이} {A의} {x을} 물=v _고=and 달아났다=r.
= {T} {A's} {x} was taken=v by {a n} that ran=r away=r. || {T} {n이} {A의} {x을} 물=v _고=and 달아났다=r.
""", """
{A} called=v {the n}. || {A은} {n을} 불렀다=v.
{The n} hid=v {the x} {in k}. || {n은} {x을} {k에} 숨겼다=v.
{B} caught=v {the n}. || {B은} {n을} 잡았다=v.
{The n} was {i}. || {n은} {i다}.
{The n} that took=v {the x} was {i}. || {x을} 가져간=v {n은} {i다}.
{A} found=v {the x} {in k}. || {A은} {k에서} {x을} 찾았다=v.
"""),
    ("race", "{A} wins the race against {B}", """
{T} {A} and=A.p {B} raced=v to=p.p {p}. || {T} {A와} {B은} {p까지} 달리기=v _를=v 했다=v.
= {T} {A} raced=v with=B.p {B} to=p.p {p}. || {T} {A은} {B와} {p까지} 달리기=v _를=v 했다=v.
""", """
{A} was faster=f than=B.p {B}. || {A은} {B보다} 빨랐다=f.
= {B} was slower=f than=A.p {A}. || {B은} {A보다} 느렸다=f.
{A} ran=r faster=f than=B.p {B}. || {A은} {B보다} 빨리=f 달렸다=r.
{B} fell=v, but=but {he B} got=g up=g again=a. || {B은} 넘어졌=v _지만=but 다시=a 일어났다=g.
{B} was tired=g, so=so {he B} sat=v down=v. || {B은} 피곤해=g _서=so 앉았다=v.
= {B} sat=v down=v because=so {he B} was tired=g. || {B은} 피곤해=g _서=so 앉았다=v.
""", """
{A} won=v, and=and {B} clapped=c. || {A은} 이겼=v _고=and {B은} 손뼉=c _을=c 쳤다=c.
It was {A} who=who won=v. || 이긴=v 사람=who _은 {A였다}.
= The one=who who won=v was {A}. || 이긴=v 사람=who _은 {A였다}.
{A} won=v. || {A은} 이겼다=v.
"You are fast=f," said=s {B}. || {B은} “너 _는 빠르구나=f.”라고 말했다=s.
{A} waited=v for=v {B}. || {A은} {B을} 기다렸다=v.
~{B} did=not not=not win=v. || {B은} 이기지=v 못했다=not.
"""),
    ("quarrel", "{A} takes {B's} {x+}", """
{T} {A} took=v {B's} {x+}. || {T} {A은} {B의} {x+을} 가져갔다=v.
= {T} {B's} {x+} was taken=v by {A}. || {T} {A은} {B의} {x+을} 가져갔다=v.
""", """
{B} was angry=g with=A.p {A}. || {B은} {A에게} 화=g _가=g 났다=g.
{B} was angry=g, so=so {he B} did=not not=not talk=v to=A.p {A}. || {B은} 화=g _가=g 나=g _서=so {A와} 말하지=v 않았다=not.
= {B} did=not not=not talk=v to=A.p {A} because=so {he B} was angry=g. || {B은} 화=g _가=g 나=g _서=so {A와} 말하지=v 않았다=not.
{A} wanted=w {the x+}, not=not {the y+}. || {A은} {y+이} 아니라=not {x+을} 갖고=w 싶어=w 했다=w.
"That is my=m {x}," said=s {B}. || {B은} “그거 내=m {x야}.”라고 말했다=s.
""", """
"I am sorry=v, {B}," said=s {A}. || {A은} “미안해=v, {B아}.”라고 말했다=s.
{A} said=s sorry=v to=B.p {B}. || {A은} {B에게} 미안하다고=v 말했다=s.
{L} {A} gave=v {the x} back=v to=B.p {B}. || {L} {A은} {x을} {B에게} 돌려주었다=v.
{L} {A} gave=v {B} back=v {the x}. || {L} {A은} {B에게} {x을} 돌려주었다=v.
{He A} gave=v it back=v to=B.p {B}. || {B에게} 돌려주었다=v.
"""),
    ("trade", "{A} and {B} trade {a x} for {a y}", """
{A} had=v {a x+}, and=and {B} had=w {a y+}. || {A에게는} {x+이} 있었=v _고=and {B에게는} {y+이} 있었다=w.
""", """
{T} {A} traded=v {his:own A} {x} for=y.p {B's} {y}. || {T} {A은} 자기=own {x을} {B의} {y와} 바꾸었다=v.
= {T} {A} gave=v {B} {his:own A} {x} and=and got=g {the y}. || {T} {A은} {B에게} 자기=own {x을} 주=v _고=and {y을} 받았다=g.
""", """
{A} liked=v {the y} more=m than=x.p {the x}. || {A은} {x보다} {y이} 더=m 마음=v _에=v 들었다=v.
Now=n {the x} was {B's}. || 이제=n {x은} {B의} 것 _이었다.
{B} did=not not=not want=v {the y}. || {B은} {y을} 원하지=v 않았다=not.
{A} wanted=w {the y+}, not=not {the x+}. || {A은} {x+이} 아니라=not {y+을} 갖고=w 싶어=w 했다=w.
"""),
    ("making", "{A} packs {a x}, {a y} and {a z}", """
{T} {A} packed=v {a x}, {a y} and {a z}. || {T} {A은} {x}, {y}, {z을} 챙겼다=v.
{T} {A} made=v a list=l: {x}, {y}, {z}. || {T} {A은} 목록=l _을 만들었다=v: {x}, {y}, {z}.
""", """
{B} named=v them in=o order=o: {x}, {y}, {z}. || {B은} 차례대로=o 말했다=v: {x}, {y}, {z}.
{B} named=v them backwards=o: {z}, {y}, {x}. || {B은} 거꾸로=o 말했다=v: {z}, {y}, {x}.
{A} bought=v {a x}, {a y} and {a z}. || {A은} {x}, {y}, {z을} 샀다=v.
~{B} washed=v {a z}, {a y} and {a x}. || {B은} {z}, {y}, {x을} 씻었다=v.
"""),
    ("making", "{A} makes {a x} for {B}", """
{T} {A} made=v {a x+} for=B.p {B}. || {T} {A은} {B을} 위해=B.p {x+을} 만들었다=v.
{T} {A} made=v {a x} by=h {himself:h A}. || {T} {A은} 혼자서=h {x을} 만들었다=v.
""", """
{The x} that {A} made=v was {d}. || {A이} 만든=v {x은} {d다}.
{B} looked=v at {the x}. || {B은} {x을} 바라보았다=v.
{B} liked=v {the x} that {A} made=m. || {B은} {A이} 만든=m {x이} 마음=v _에=v 들었다=v.
{A} gave=v {the x} to=B.p {B}. || {A은} {x을} {B에게} 주었다=v.
"""),
    ("making", "{A} draws {B}", """
{T} {A} drew=v {B} {at p}. || {T} {A은} {p에서} {B을} 그렸다=v.
= {T} {A} drew=v a picture=pic of=B.p {B} {at p}. || {T} {A은} {p에서} {B의} 그림=pic _을 그렸다=v.
""", """
{A} drew=v {himself:self A}. || {A은} 자기=self 모습=self _을=self 그렸다=v.
{B} liked=v the picture=pic. || {B은} 그림=pic _이 마음=v _에=v 들었다=v.
The picture=pic that {A} drew=v was {d}. || {A이} 그린=v 그림=pic _은 {d다}.
{A} showed=v the picture=pic to=B.p {B}. || {A은} 그림=pic _을 {B에게} 보여=v 주었다=v.
"""),
    ("hiding", "{A} hides {the x+} {in k}", """
{T} {A} hid=v {the x+} {in k}. || {T} {A은} {x+을} {k에} 숨겼다=v.
{T} {A} put=k.v {the x} {in k} and=and {the y} {in l}. || {T} {A은} {x을} {k에} {k.put고=and} {y을} {l에} {l.put다}.
""", """
{B} did=v not=v know=v where=w {the x} was=i. || {B은} {x이} 어디=w _에=w 있는지=i 몰랐다=v.
{B} looked=v {in l}. || {B은} {l을} 보았다=v.
{The x} was not=not {in l}. || {x은} {l에} 없었다=not.
{A} moved=v {the x} from=k.p {the k} to=l.p {the l}. || {A은} {x을} {k~에서} {l~로} 옮겼다=v.
{A} said=s, "It is=i {in k}." || {A은} “{k에} 있어=i.”라고 말했다=s.
= "It is=i {in k}," said=s {A}. || {A은} “{k에} 있어=i.”라고 말했다=s.
{A} told=s {B} where=w {the x} was=i. || {A은} {B에게} {x이} 어디=w _에=w 있는지=i 말해=s 주었다=s.
""", """
{L} {B} found=v {the x} {in k}. || {L} {B은} {k에서} {x을} 찾았다=v.
= {L} {B} saw=v that {the x} was=i {in k}. || {L} {B은} {x이} {k에} 있는=i 것 _을 보았다=v.
{The x} was=i {in k}. || {x은} {k에} 있었다=i.
There was=i {a x+} {in k}. || {k에} {x+이} 있었다=i.
{B} found=v it {in k}. || {B은} {k에서} 찾았다=v.
"""),
]
TOPICS = sorted({topic for topic, *_ in PLOTS})
