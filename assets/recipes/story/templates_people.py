"""Openings, closings and the arcs about people: giving, helping, talking, feeling.

An arc is a list of steps, a step a block of alternatives, one a line. "-" says nothing.
"!" before a line: only when A and B differ in gender (else the pronoun would be ambiguous).
"~" before a line: held out, training never sees it.
"""

OPENINGS = """
{A} and {B} were friends.
{A} and {B} lived near {p}.
{A} and {B} went to {p}.
{A} went to {p} with {B}.
{A} met {B} {p.at}.
{A} was {p.at}. {B} came too.
{A} had a friend. {A.His} friend was {B}.
It was a {t} day. {A} and {B} were {p.at}.
It was a {t} morning {p.at}. {A} saw {B}.
One day {A} and {B} walked to {p}.
One day {A} met {B} {p.at}.
One day, {A} ran to {p}. {B} ran after {A.him}.
Once there was a {A.kid} named {A}. {A.He} had a friend named {B}.
There was a {A.kid} called {A} and a {B.kid} called {B}.
Once there were two friends. One was {A} and the other was {B}.
{A} was [a {d}|a {f}] {A.kid}. {B} was {A.his} friend.
In the morning, {A} and {B} sat {p.at}.
The day was {t}, so {A} and {B} stayed {p.at}.
{B} lived next to {A}.
{A} liked to play {p.at}. {B} liked it too.
{A}, {B} and {C} were {p.at}.
{A} was alone {p.at} until {B} came.
Today {A} and {B} played {p.at}.
{A} and {B} were bored. They went to {p}.
When {A} came to {p}, {B} was there.
Once upon a time, there was a {A.kid} named {A}. {A.He} had a friend named {B}.
Once upon a time there was a {A.kid} called {A} and a {B.kid} called {B}.
Once upon a time, {A} and {B} lived near {p}.
Once upon a time {A} met {B} {p.at}.
Once upon a time, {A} was {p.at}. {B} came too.
Once upon a time there were two friends. One was {A} and the other was {B}.
One day, a {A.kid} named {A} met a {B.kid} named {B} {p.at}.
~Every morning {A} and {B} met {p.at}.
~On a {t} evening {A} saw {B} {p.at}.
~Near {p} lived {A}. {B} lived there too.
"""

INVENTED_OPENINGS = """
Once there was a {A.kid} named {A}. {A.He} had a friend named {B}. {B} was a {B.kid}.
There was a {A.kid} called {A} and a {B.kid} called {B}.
{A} was a {A.kid} and {B} was a {B.kid}. They lived near {p}.
A {A.kid} named {A} met a {B.kid} named {B} {p.at}.
"""

CLOSINGS = """
{A} and {B} went home.
{A} and {B} were {f}.
{B} and {A} were {f}.
{A} went home. {B} went home too.
They were {f} all day.
They were friends for a long time.
At last {A} and {B} slept.
{A} smiled at {B}, and {B} smiled at {A}.
"Good night, {A}," said {B}. "Good night, {B}," said {A}.
"Goodbye, {B}," said {A}. "Goodbye, {A}," said {B}.
"See you soon, {B}," said {A}. {B} waved to {A}.
{A} hugged {B}. {B} hugged {A} too.
Then the day was over, and {A} walked home with {B}.
It was a good day for {A} and {B}.
{A} told the story to {C}. {C} liked the story.
{C} came to take {A} home. {B} waved to {A} and {C}.
The sun went down and they were {f}.
~{A} waved to {B}, and {B} waved back to {A}.
~{B} and {A} walked home together, and they were {f}.
"""

GIVE = {
"give back": ["""
{A} gave {B} {x.ac}.
{A} gave {x.ac} to {B}.
{A} gave {B} the {x.c}.
{A} gave the {x.c} to {B}.
{A} handed {B} {x.ac}.
{A} handed {x.ac} to {B}.
{A} lent {B} {x.ac}.
{A} lent the {x.c} to {B}.
{B} got {x.ac} from {A}.
{B} took {x.ac} from {A}.
{A} had {x.ac}. {A.He} gave it to {B}.
{B} wanted the {x.c}, so {A} gave it to {B}.
{A} showed {B} {x.ac} and gave it to {B.him}.
One day {A} gave {B} {x.ac}.
Then {A} gave {B} {x.a}.
~{A} brought {B} {x.ac}.
~{B} was given {x.ac} by {A}.
""", """
{B} thanked {A}.
{B} was {f}.
!{B.He} was {f}. {B} thanked {A}.
!{B.He} was {f} because {A} was kind.
!{B.He} thanked {A}.
!{B.He} liked the {x}. {B} smiled at {A}.
{B} smiled at {A}. {A} smiled at {B}.
{B} was {f} and thanked {A}.
{B} played with the {x.c}.
{B} looked at the {x}. It was {x.col}.
{B} said, "Thank you, {A}." {A} said, "You are welcome, {B}."
"Thank you, {A}," said {B}.
"I like this {x}, {A}," said {B}.
{B} liked the {x} because it was {x.col}.
{B} was {f} because {A} gave {B.him} the {x}.
-
""", """
Then {B} gave the {x} back to {A}.
Later, {B} gave it back to {A}.
{B} gave it back to {A}.
{B} gave the {x} back to {A}.
{B} gave the {x.c} back to {A}.
{B} did not keep the {x}. {B.He} gave it back to {A}.
Soon {B} wanted to give the {x} back to {A}.
!{B.He} gave it back to {A}.
!{A.He} asked for the {x}, so {B} gave it back to {A}.
At night {B} brought the {x} back to {A}.
{B} gave the {x} to {C}, and {C} gave it to {A}.
{B} kept the {x} and gave {A} {y.a}. {A} thanked {B}.
~In the end {B} returned the {x} to {A}.
~The next day {B} gave {A} the {x} back.
""", """
Now {A} had the {x} again.
{A} was {f}.
{A} thanked {B}.
{A} took the {x} home.
!{A.He} was {f}. {A} thanked {B}.
Who had the {x}? {A} had it.
-
"""],
"chain": ["""
{A} had {x.ac}.
{A} found {x.ac} {p.at}.
{A} made {x.ac}.
""", """
{A} gave it to {B}, and {B} gave it to {C}.
{A} gave the {x} to {B}. {B} gave it to {C}.
{A} passed the {x} to {C}, and {C} passed it to {B}.
""", """
{C} gave the {x} to {A}. So {A} had it again.
Then {B} thanked {A}.
{C} asked, "Who made it?" "{A} did," said {B}.
{A} was {f}, {B} was {f} and {C} was {f}.
-
"""],
"trade": ["""
{A} had {x.ac} and {B} had {y.ac}.
{A} had {x.ac}. {B} had {y.ac}.
{A} brought {x.ac}, and {B} brought {y.ac}.
{B} had {y.ac}, but {A} had {x.ac}.
{A} owned {x.a}. {B} owned {y.a}.
""", """
{A} wanted the {y}, and {B} wanted the {x}.
{A} liked the {y} more. {B} liked the {x} more.
"I like your {y}," said {A}. "I like your {x}," said {B}.
"Your {x} is nice," said {B}. "Your {y} is nice too," said {A}.
-
""", """
So {A} gave {B} the {x}, and {B} gave {A} the {y}.
{A} gave the {x} to {B}. {B} gave the {y} to {A}.
They traded. Now {A} had the {y.c} and {B} had the {x.c}.
They did not trade. {A} kept the {x.c} and {B} kept the {y.c}.
!{A.He} lost {A.his} {x} and {B.he} lost {B.his} {y}.
!{A.He} hid {A.his} {x}. {B.He} hid {B.his} {y}.
!{B.He} loved {B.his} {y}. {A.He} loved {A.his} {x}.
The {x} was {x.col}. The {y} was {y.col}.
The {x.col} one was the {x}. The {y.col} one was the {y}.
~!{A.He} dropped {A.his} {x}, and {B.he} dropped {B.his} {y}.
"""],
"share": ["""
{A} had two {x.s}.
{A} bought two {x.s} {p.at}.
{A} had some {x.s}, but {B} had no {x.s}.
""", """
{A} gave one {x} to {B} and kept one for {A.self}.
{A.He} kept one for {A.self} and gave one to {B}.
{B} asked {A} for {x.a}. {A} gave {B} {x.a}.
""", """
{B} thanked {A}.
!{B.He} was {f}. {B} thanked {A}.
"You are kind, {A}," said {B}.
{A} was {f} because {B} was {f}.
"""],
}

FEEL = {
"thank": ["""
{A} thanked {B} because {B.he} [had helped|was kind to|had waited for] {A.him}.
{A} said sorry to {B} because {A.he} [was late|had broken the {x}|had lost the {x}].
{A} hugged {B} because {B.he} was {g}.
{A} asked {B} for help because {A.he} was {g}.
{A} helped {B} because {B.he} was [tired|lost|{g}].
{A} ran away from {B} because {A.he} was [scared|shy].
{A} praised {B} because {B.he} [was brave|had won|worked well].
{A} waited for {B} because {B.he} was [late|slow|tired].
{A} called {B} because {A.he} was [lonely|lost|hurt].
{A} hid from {B} because {A.he} wanted to play.
~{A} comforted {B} because {B.he} was {g}.
""", """
!{B.He} smiled, and {A} was {f}.
{B} said, "I know, {A}."
"It is all right, {A}," said {B}.
!{A.He} felt better, so {A} smiled at {B}.
!{B.He} felt better, so {B} smiled at {A}.
-
"""],
"hurt": ["""
{A} fell and hurt {A.self}.
{A} was {g}, so {A.he} cried.
{A} was {g} because {A.he} had lost {A.his} {x}.
{A} was {g} because {A.his} {x} was broken.
{A} dropped {A.his} {x}, so {A.he} was {g}.
{A} could not find {A.his} {x}. {A.He} was {g}.
""", """
{B} helped {A}. {A} thanked {B}.
{B} saw {A} and helped {A.him}. {A} thanked {B}.
!{B.He} helped {A.him}. {A} thanked {B}.
!{B.He} saw it and was {g} too. {B} helped {A}.
{B} fixed the {x}, so {A} was {f}.
{B} was not {g}. {B.He} gave {A} {B.his} {y}.
"Do not be {g}, {A}," said {B}.
"""],
"mirror": ["""
{A} looked at {A.self} in the mirror. {B} looked at {B.self} too.
{A} made {A.self} {x.a}. {B} made {B.self} {y.a}.
{A} was proud of {A.self}. {B} was proud of {B.self} too.
{A} drew {B}. Then {B} drew {B.self}.
{A} drew {A.self}. Then {A} drew {B}.
{B} taught {B.self} to [sing|swim|read]. {A} taught {A.self} too.
{A} saw {B} by {B.self} {p.at}.
""", """
!{A.He} laughed. {A} was {f}.
!{B.He} laughed. {B} was {f}.
!{A.He} laughed at {A.self}, and {B.he} laughed at {B.self}.
{A} was {f}, and so was {B}.
-
"""],
"contrast": ["""
{A} was {f}, but {B} was {g}.
{A} was {g}, but {B} was not {g}.
{A} felt {f}. {B} felt {g}.
{A} won the game, and {B} lost.
{A} was hungry. {B} was not hungry.
""", """
!{A.He} sang, and {B.he} cried. {A} sang for {B}.
!{A.He} asked why. {B} told {A}.
!{B.He} asked why. {A} told {B}.
!{B.He} sat down. {A} sat next to {B}.
!{A.He} sat down. {B} sat next to {A}.
{A} told {B} a story. {B} liked it.
{B} was {g}, so {A} sat next to {B}.
{A} and {B} talked. Then {B} was {f} too.
!{A.He} waved. {B} waved to {A.him} too.
~!{A.He} jumped up. {B} looked at {A}.
~!{B.He} jumped up. {A} looked at {B}.
"""],
"two deeds": ["""
!{A} [jumped|ran|sang] and {B} [slept|sat|cried]. {A.He} was [{f}|{g}], and {B.he} was [{f}|{g}].
!{A} played with {B}. {A.He} was {f}. {A} laughed.
!{A} played with {B}. {B.He} was {f}. {B} laughed.
!{A} walked with {B} to {p}. {A.He} was tired. {A} sat down.
!{A} walked with {B} to {p}. {B.He} was tired. {B} sat down.
!{A} saw {B} {p.at}. {B.He} waved. {A} waved to {B}.
!{A} saw {B} {p.at}. {A.He} waved. {B} waved to {A}.
!{A} and {B} raced. {A.He} was fast. {A} won.
!{A} and {B} raced. {B.He} was fast. {B} won.
!{A} sat next to {B}. {B.His} {x} was {x.col}. {B} liked {x.s}.
!{A} sat next to {B}. {A.His} {x} was {x.col}. {A} liked {x.s}.
{A} and {B} raced. {A} won, and {B} was second.
~!{A} danced with {B}. {A.He} was {f}. {A} laughed.
~!{A} danced with {B}. {B.He} was {f}. {B} laughed.
"""],
}

TALK = {
"where": ["""
"Where is my {x}?" asked {A}.
{A} asked, "Where is my {x}?"
{A} asked {B}, "Have you seen my {x}?"
"I lost my {x}, {B}," said {A}.
{A} said, "I want my {x}. I can't find it."
""", """
"It is {k.at}," said {B}. {A} looked {k.at}. The {x} was there.
"Your {x} is {k.at}," said {B}. {A} found the {x} {k.at}.
{B} said, "It is {k.at}." {A} went to {k} and found the {x}.
{B} said, "It is not {l.at}. It is {k.at}." {A} looked {k.at}.
"Look {k.at}," said {B}. So {A} looked {k.at}.
~"I put it {k.at}," said {B}. {A} looked {k.at} and found the {x}.
""", """
"Thank you, {B}," said {A}.
!{A.He} was {f}. {A} thanked {B}.
"You are welcome, {A}," said {B}.
-
"""],
"claims": ["""
{A} said, "I am {f}. I like {x.s}." {B} said, "I am {g}. I like {y.s}."
{A} said, "I have {x.ac}." {B} said, "I have {y.ac}."
"I have {x.ac}," said {A}. "I have {y.ac}," said {B}.
"My {x} is {x.col}," said {A}. "My {y} is {y.col}," said {B}.
"I like {x.s}," said {A}. "I like {y.s}. They are nice," said {B}.
"I can see {n.a}," said {A}. "I can see {m.a}. It is {d}," said {B}.
"I went to {p}. It was {t}," said {A}. "I went to {q}. It was not {t}," said {B}.
""", """
"I am {f}, {B}," said {A}. "So am I, {A}," said {B}.
"That is good," said {C}. {A} and {B} smiled at {C}.
{A} asked, "Are you {g}, {B}?" {B} said, "No, {A}. I am {f}."
"Let us go to {p}," said {A}. So they went to {p}.
"Let us play," said {B}. {A} said, "Yes, {B}. Let us play {p.at}."
-
"""],
"said that": ["""
{A} said that {A.he} was {g}. {B} said, "I am {g} too. It is cold."
{A} said, "It is {t}. We can go to {p}." They went to {p}.
{A} shouted, "Help! {n.a} is {p.at}." {B} said, "Do not be scared, {A}. It is only {n.a}."
{A} whispered, "The {x} is {k.at}. Do not tell {C}." {B} did not tell {C}.
{A} told {B}, "The {x} is {x.col}. The {y} is {y.col}." So {B} took the {x.c}.
{A} read the letter. It said, "Come to {p}. I have {x.a} for you." {A} went to {p} and got {x.a}.
{A} was {f}. {A.He} said, "I made {x.a}. It is {x.col}. It is for you, {B}." {B} took the {x}.
The sign said, "No {n.s} {p.at}." So {A} did not bring the {n}.
~{A} cried, "I see {x.ac}. It is {k.at}." {B} saw the {x} {k.at}.
"""],
"who speaks": ["""
"Who has the {x}?" asked {C}.
"Who took the {x}?" asked {C}.
"Who wants the {x}?" asked {C}.
""", """
"I do," said {A}. So {C} looked at {A}.
"Not me," said {A}. "I did," said {B}. {C} looked at {B}.
"I did," said {A}. "Not me," said {B}. {C} looked at {A}.
"I don't know," said {A}. "It is {k.at}," said {B}. {C} thanked {B}.
"It is {k.at}," said {A}. "I don't know," said {B}. {C} thanked {A}.
"""],
}
