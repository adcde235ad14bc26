"""The arcs about things: colours, hiding and finding, lists, number, clauses, new words.

Written as in templates_people.py.
"""

THINGS = {
"colour": ["""
{A} had {x.ac} and {y.ac}.
{A} saw {x.ac} and {y.ac} {p.at}.
There was {x.ac} and {y.ac} {p.at}.
{A} painted a {x} {x.col} and a {y} {y.col}.
{A} bought {x.ac}, {y.ac} and {z.ac}.
The {x} was {x.col} and the {y} was {y.col}.
""", """
{B} took the {x}. So {A} still had the {y.c}.
{B} took the {y}. So {A} still had the {x.c}.
{B} wanted the {x.col} one, so {A} gave {B} the {x}.
{B} wanted the {y.col} one, so {A} gave {B} the {y}.
{B} liked the {x} because it was {x.col}. {A} liked the {y} because it was {y.col}.
What colour was the {x}? It was {x.col}. What colour was the {y}? It was {y.col}.
What colour was the {y}? It was {y.col}. What colour was the {x}? It was {x.col}.
"The {y} is {y.col}," said {B}. "The {x} is {x.col}," said {A}.
The {x} was not {y.col}. It was {x.col}.
~{B} touched the {x}. The {x.c} was nice.
~{B} touched the {y}. The {y.c} was nice.
"""],
"hide": ["""
{A} put the {x} {k.at} and the {y} {l.at}.
{A} hid {x.ac} {k.at}. {B} hid {y.ac} {l.at}.
The {x.c} was {k.at}, and the {y.c} was {l.at}.
{A} left {A.his} {x} {k.at} and {A.his} {y} {l.at}.
""", """
{B} wanted the {x}, so {B.he} looked {k.at}. The {x} was there.
{B} wanted the {y}, so {B.he} looked {l.at}. The {y} was there.
Where was the {x}? It was {k.at}. Where was the {y}? It was {l.at}.
Where was the {y}? It was {l.at}.
{B} looked {k.at} and found the {x}. {B} looked {l.at} and found the {y}.
{B} looked {l.at} and found the {y}.
{B} looked {k.at} and found the {x}.
{B} asked for the {y}. {A} went to {l} and took the {y}.
{B} asked for the {x}. {A} went to {k} and took the {x}.
~{B} went to {l} and saw the {y}. {B} went to {k} and saw the {x}.
"""],
"move": ["""
{A} put {x.ac} {k.at}.
{A} left the {x} {k.at}.
The {x.c} was {k.at}.
{A} hid the {x} {k.at}.
""", """
{B} moved it from {k} to {l}.
Then {B} moved the {x} to {l}.
{A} went out. {B} took the {x} and put it {l.at}.
{B} took the {x} out. Now it was {l.at}.
""", """
{A} looked {k.at}, but the {x} was not there. It was {l.at}.
{A} looked {k.at}. It was not there. {A} looked {l.at} and found the {x}.
Where was the {x}? It was not {k.at}. It was {l.at}.
So the {x} was {l.at}, and {A} found it {l.at}.
At last {A} found the {x} {l.at}.
~{A} thought the {x} was {k.at}, but it was {l.at}.
"""],
"not": ["""
{A} did not take the {x}. {A.He} took the {y}.
{A} didn't want the {x} but the {y}.
{A} had {x.a} but no {y}. {B} had {y.a} but no {x}.
The {x} was not {x.col}. It was {y.col}.
{A} looked for the {x}. It was not {k.at}. It was not {l.at}. It was {p.at}.
""", """
So {A} was {f}, and {B} was not.
{B} was not {g}. {B.He} was {f}.
{B} did not see it. {A} told {B}.
{A} wasn't {g}. {B} wasn't {g}. They were {f}.
-
"""],
"because": ["""
It was [rainy|cold|snowy], so {A} took {A.his} {x}. {B} did not, so {B.he} was {g}.
{A} was hungry, so {A.he} ate [a muffin|a cookie|some cake|a peach]. Then {A.he} was not hungry.
{A} couldn't sleep because {n.a} was {p.at}. The {n} was {d}.
The {x} was broken, so {A} bought a new {x}.
{A} was late because {A.he} had lost {A.his} {x}. The {x} was {k.at}.
{A} was {f} because it was {t}. {B} was {g} because it was {t}.
{A} climbed the {k.bare} because {A.he} saw {n.a}. The {n} ran away.
{B} was {g}, so {A} gave {B.him} {x.a}. Then {B} was {f}.
~Since it was {t}, {A} took {A.his} {x}, and {B} took {B.his} {y}.
"""],
}

LISTS = {
"in order": ["""
{A} packed {x.a}, {y.a} and {z.a}.
{A} had {x.a}, {y.a} and {z.a}.
On the table were {x.a}, {y.a} and {z.a}.
{A} wrote a list: {x}, {y}, {z}, {w}.
{A} saw {x.a}, {y.a}, {z.a} and {w.a}.
{A} needed {x.a}, {y.a} and {z.a}.
""", """
{B} named them in order: {x}, {y}, {z}.
In order they were: {x}, {y}, {z}.
{A} took out the {x}, the {y} and the {z}.
"{x.a}, {y.a} and {z.a}," said {B}.
First came the {x}, then the {y} and then the {z}.
{A} counted them: one {x}, one {y}, one {z}.
{B} remembered the {x}, the {y} and the {z}.
{B} put the {x}, the {y} and the {z} {k.at}.
~{B} said the list again: {x}, {y}, {z}.
"""],
"long list": ["""
{A} wrote a list: {x}, {y}, {z}, {w}.
The list was: {x}, {y}, {z}, {w}.
{A} bought {x.a}, {y.a}, {z.a} and {w.a}.
""", """
{B} read the list in order: {x}, {y}, {z}, {w}.
{B} read the list backwards: {w}, {z}, {y}, {x}.
Backwards the list was: {w}, {z}, {y}, {x}.
In order they were: {x}, {y}, {z}, {w}.
"""],
"reversed": ["""
{A} packed {x.a}, {y.a} and {z.a}.
{A} had {x.a}, {y.a} and {z.a}.
{A} wrote a list: {x}, {y}, {z}.
{A} put {x.a}, {y.a} and {z.a} in a row.
""", """
{B} named them backwards: {z}, {y}, {x}.
Backwards they were: {z}, {y}, {x}.
The last was the {z}, before it the {y}, and the first was the {x}.
{A} took them out from the last to the first: {z}, {y}, {x}.
~{B} said them backwards: {z}, {y}, {x}.
"""],
"queue": ["""
{A}, {B} and {C} stood in line.
{A}, {B} and {C} ran a race.
{C}, {A} and {B} sat on the bench. {C} was first, {A} was next and {B} was last.
""", """
{A} was first, {B} was second and {C} was last.
In front was {A}, then {B}, then {C}.
From the last to the first they were: {C}, {B}, {A}.
{A}, {B} and {C} went {p.at}.
"""],
}

NUMBER = {
"agree": ["""
The {S} near the {R} {S.was} {f}.
The {S} near the {R} {p.at} {S.was} {g}.
The {S} next to the {d} {R} {S.was} {d}.
The {S} by the {R} {S.was} {g}, but {A} was {f}.
The {S} that {A} saw near the {R} {S.was} {f}.
The {S} with the {R} {S.was} {g}.
"The {S} near the {R} {S.is} {f}," said {A}.
"The {S} behind the {R} {S.has} no {x}," said {B}.
{A} knew that the {S} behind the {R} {p.at} {S.was} {g}.
The {S} who had the {R} {p.at} {S.was} {f}.
{A} saw the {S}. {S.It} {S.was} near the {R}, and {S.it} {S.was} {f}.
The {S} {p.at} {S.was} {f}, and the {R} {R.was} {d}.
The {R} near the {S} {R.was} {d}.
The {d} {S} under the {R} {p.at} {S.was} not {f}.
~The {S} far from the {R} {p.at} {S.was} {f}.
~The {S} in front of the {R} {S.was} {g}.
""", """
{S.It} {S.was} not {g}. {A} liked the {S}.
{A} and {B} looked at the {S}. {S.It} {S.was} {d}.
{B} did not see the {S}.
{A} drew the {S} and the {R}. {B} drew only the {R}.
-
"""],
"who": ["""
The {A.kid} who had the {x.c} was {A}. The {B.kid} who had the {y.c} was {B}.
{A}, who had {x.a}, met {B}, who had {y.a}.
The {x} that {A} found was {x.col}. The {y} that {B} found was {y.col}.
The {x} which {A} liked was {k.at}. The {y} which {B} liked was {l.at}.
The {n} that saw the {m} was {d}.
The {n} that the {m} saw was {d}.
""", """
Who had the {x}? {A} had the {x}. Who had the {y}? {B} had the {y}.
Who had the {y}? {B} had the {y}.
{A} gave {A.his} {x} to {B}, who had the {y}.
So {A} had the {x}, and {B} had the {y}.
"This is my {x}," said {A}. "This is my {y}," said {B}.
~The {x} was for {A}, and the {y} was for {B}.
"""],
"animals": ["""
{A} had {n.a}, and {B} had {m.a}.
{A} saw {n.a} and {m.a} {p.at}.
{A} and {B} met {n.a} {p.at}.
{n.a} lived {p.at}. {A} and {B} liked the {n}.
""", """
The {n} was {d}, and {A} gave the {n} {x.a}.
The {n} ran to {A}. {B} looked at the {n}.
{A} fed the {n} and {B} fed the {m}.
The {n} chased the {m}. The {m} ran away from the {n}.
The {n} slept {k.at}. {B} found the {n} {k.at}.
""", """
{A} called the {n} {W}. "Come, {W}," said {A}. {W} came.
The {n} was called {W}. {B} liked {W}.
{B} named the {n} {W}, and {W} was {f}.
"Good night, {n}," said {A}.
-
"""],
}

NEW_WORDS = {
"new name": ["""
They met {n.a} named {W}.
{n.a} called {W} lived {k.at}.
{A} had {n.a}. Its name was {W}.
{A} found {n.a} and called it {W}.
A wizard named {W} came to {p}.
""", """
{W} was {d} and {f}. {A} liked {W}.
{A} played with {W}. {B} was {f} because {W} was kind.
"Hello, {W}," said {A}. {W} looked at {A}.
"Where is {W}?" asked {B}. {W} was {k.at}.
{A} gave {W} {x.a}. {W} gave {A} {y.a}.
"""],
"new thing": ["""
{A} found a strange {v} {p.at}.
{A} had a {v}. No one knew what a {v} was.
There was a {d} {v} {k.at}.
{A} drew a {v}. "What is a {v}?" asked {B}.
""", """
The {v} was {x.col}. {B} wanted the {v}.
{B} took the {v} and put the {v} {k.at}.
"I like the {v}," said {B}. {A} gave {B} the {v}.
{A} put the {v} {l.at}. Where was the {v}? It was {l.at}.
"""],
"secret": ["""
{A} told {B} the secret words: {code}.
The secret words were: {code}.
{A} wrote on the {x}: {code}.
{A} sang a silly song: {code}.
The wizard said: {code}.
""", """
{B} said them again: {code}.
{B} said the same words: {code}.
{A} said, "{code}."
So {B} wrote: {code}. {A} read: {code}.
Then the door opened. The words were: {code}.
"""],
"silly pair": ["""
{A} saw a {x.col} {n} {p.at}. {B} did not see the {x.col} {n}.
{A} dreamed of a {f} {x}. "A {f} {x}!" said {B}.
There was a {y.col} {m} and a {x.col} {n}. The {x.col} {n} liked the {y.col} {m}.
{A} made a {x} {y} {z}. {B} liked the {x} {y} {z}.
{A} wanted to see the {n} {k.bare}. {B} showed {A} the {n} {k.bare}.
~{A} painted a {x.col} {n}. {B} liked the {x.col} {n}.
"""],
}
