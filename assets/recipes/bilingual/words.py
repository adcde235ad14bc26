"""The words, English beside Korean. Frequent words become one token each.

Names in HELD never come in training. They and the invented names are made of the same open
syllables, and are spelt in Hangul by rule (hangul.spell), so that a model can learn to spell them.
"""
import hangul


def table(text):
    return [tuple(part.strip() for part in line.split("|")) for line in text.strip().split("\n")]


def pairs(text):
    """"ball 공, kite 연" as [("ball", "공"), ...]; the Korean is the last word."""
    return [tuple(p.strip().rsplit(" ", 1)) for p in text.replace("\n", " ").split(",")]


GIRLS = pairs("""Mina 민아, Lily 릴리, Sara 사라, Anna 안나, Emma 엠마, Ella 엘라, Lucy 루시,
Rosa 로사, Nora 노라, Zoe 조이, Maya 마야, Kate 케이트, Jane 제인, Amy 에이미, Eva 에바,
Clara 클라라, Holly 홀리, Grace 그레이스, Nina 니나, Yuna 유나, Leila 레일라, Elsa 엘사, Mia 미아,
Suji 수지, Jisu 지수, Boram 보람, Sumin 수민, Yujin 유진, Areum 아름, Garam 가람, Helen 헬렌""")
BOYS = pairs("""Tom 톰, Ben 벤, Max 맥스, Sam 샘, Jack 잭, Leo 레오, Tim 팀, Dan 댄, Luke 루크,
Adam 애덤, Noah 노아, Hugo 휴고, Oscar 오스카, Peter 피터, Paul 폴, Mark 마크, Eric 에릭, Ivan 이반,
Ravi 라비, Theo 테오, Henry 헨리, Felix 펠릭스, Simon 사이먼, David 데이비드, Kevin 케빈,
Minho 민호, Junho 준호, Minsu 민수, Doyun 도윤, Jaewon 재원, Kyle 카일""")
HELD_GIRLS = [(n, hangul.spell(n)) for n in """Ramona Serena Tamara Marina Bonita Karina Simona
Renata Debora Tamika""".split()]
HELD_BOYS = [(n, hangul.spell(n)) for n in """Dario Mateo Romeo Kenzo Ramon Marino Damon Renzo
Tomaso Bojan""".split()]

THINGS = pairs("""ball 공, kite 연, drum 북, doll 인형, book 책, cup 컵, hat 모자, coat 외투,
boat 배, train 기차, truck 트럭, lamp 램프, clock 시계, bell 종, key 열쇠, ring 반지, coin 동전,
map 지도, flag 깃발, rope 밧줄, stone 돌, feather 깃털, flute 피리, robot 로봇, ribbon 리본,
scarf 목도리, spoon 숟가락, plate 접시, bottle 병, button 단추, candle 양초, brush 붓, pencil 연필,
balloon 풍선, blanket 담요, pillow 베개, umbrella 우산, mirror 거울, whistle 호루라기, ladder 사다리,
shovel 삽, bucket 양동이, chair 의자, letter 편지, picture 그림, necklace 목걸이, mask 가면,
glove 장갑, sock 양말, boot 장화, bike 자전거, crown 왕관, sword 칼, violin 바이올린,
basketball 농구공""")
# Girls' names that are things too: only their place in the sentence tells which.
BOTH = pairs("rose 로즈 장미, ruby 루비 루비, pearl 펄 진주, daisy 데이지 데이지, lily 릴리 백합")
FOODS = pairs("""apple 사과, banana 바나나, carrot 당근, egg 달걀, lemon 레몬, peach 복숭아,
sandwich 샌드위치, cookie 쿠키, cake 케이크, pie 파이, potato 감자, tomato 토마토, melon 멜론""")
BAKED = pairs("cookie 쿠키, cake 케이크, pie 파이, pizza 피자")
COLOURS = table("""
red|빨간|빨간색
blue|파란|파란색
yellow|노란|노란색
white|하얀|하얀색
black|까만|까만색
green|초록색|초록색
pink|분홍색|분홍색
purple|보라색|보라색
brown|갈색|갈색
grey|회색|회색
orange|주황색|주황색
golden|금색|금색""")
# place | its preposition | Korean
PLACES = table("""
garden|in|정원
park|in|공원
forest|in|숲
kitchen|in|부엌
school|at|학교
beach|on|바닷가
farm|on|농장
river|by|강가
lake|by|호숫가
hill|on|언덕
library|in|도서관
barn|in|헛간
yard|in|마당
castle|in|성
zoo|at|동물원
pond|by|연못가
meadow|in|풀밭
attic|in|다락방
cave|in|동굴
station|at|역
museum|in|박물관
playground|in|놀이터""")
SHOPS = table("""
market|at|시장
shop|in|가게
bakery|in|빵집
village|in|마을""")
# where things lie | preposition | Korean | Korean for the preposition | to put something there
SPOTS = table("""
box|in|상자|안|넣
basket|in|바구니|안|넣
bag|in|가방|안|넣
drawer|in|서랍|안|넣
jar|in|항아리|안|넣
cupboard|in|찬장|안|넣
table|on|탁자|위|놓
shelf|on|선반|위|놓
desk|on|책상|위|놓
bed|under|침대|밑|두
bench|under|벤치|밑|두
rug|under|양탄자|밑|두
tree|behind|나무|뒤|두
door|behind|문|뒤|두
sofa|behind|소파|뒤|두
curtain|behind|커튼|뒤|두""")
ANIMALS = pairs("""dog 개, cat 고양이, bird 새, frog 개구리, duck 오리, horse 말, cow 소, pig 돼지,
goat 염소, hen 암탉, fox 여우, bear 곰, mouse 쥐, rabbit 토끼, turtle 거북, owl 부엉이, lion 사자,
monkey 원숭이, sheep 양, squirrel 다람쥐, hedgehog 고슴도치, puppy 강아지, deer 사슴""")
PLURALS = {"mouse": "mice", "sheep": "sheep", "deer": "deer", "puppy": "puppies",
           "fox": "foxes", "peach": "peaches", "sandwich": "sandwiches", "potato": "potatoes",
           "tomato": "tomatoes"}
NUMBERS = pairs("two 두, three 세, four 네, five 다섯, six 여섯")

# Predicates: English | (infinitive |) Korean past | stem | relative form ("찾은 공")
GLAD = table("""
happy|기뻤|기쁘
proud|뿌듯했|뿌듯하
excited|신_이 났|신_이 나
cheerful|즐거웠|즐겁
thankful|고마웠|고맙
calm|차분했|차분하
lucky|운_이 좋았|운_이 좋""")
SAD = table("""
sad|슬펐|슬프
angry|화_가 났|화_가 나
scared|무서웠|무섭
tired|피곤했|피곤하
bored|심심했|심심하
lonely|외로웠|외롭
hungry|배_가 고팠|배_가 고프
thirsty|목_이 말랐|목_이 마르
sleepy|졸렸|졸리
sorry|미안했|미안하
cold|추웠|춥""")
LOOKS = table("""
big|컸|크
small|작았|작
old|낡았|낡
heavy|무거웠|무겁
light|가벼웠|가볍
pretty|예뻤|예쁘
clean|깨끗했|깨끗하
dirty|더러웠|더럽
strange|이상했|이상하""")
BEASTS = table("""
big|컸|크
small|작았|작
fast|빨랐|빠르
slow|느렸|느리
quiet|조용했|조용하
gentle|순했|순하
hungry|배_가 고팠|배_가 고프""")
TASTES = table("""
sweet|달았|달
delicious|맛있었|맛있
big|컸|크
warm|따뜻했|따뜻하
cold|차가웠|차갑""")
DO = table("""
found|find|찾았|찾|찾은
washed|wash|씻었|씻|씻은
painted|paint|칠했|칠하|칠한
carried|carry|날랐|나르|나른
fixed|fix|고쳤|고치|고친
dropped|drop|떨어뜨렸|떨어뜨리|떨어뜨린
picked up|pick up|주웠|줍|주운
hid|hide|숨겼|숨기|숨긴
sold|sell|팔았|팔|판
bought|buy|샀|사|산
wrapped|wrap|포장했|포장하|포장한
touched|touch|만졌|만지|만진
brought|bring|가져왔|가져오|가져온
borrowed|borrow|빌렸|빌리|빌린
broke|break|망가뜨렸|망가뜨리|망가뜨린
shook|shake|흔들었|흔들|흔든
drew|draw|그렸|그리|그린
cleaned|clean|닦았|닦|닦은
pushed|push|밀었|밀|민
pulled|pull|당겼|당기|당긴
threw|throw|던졌|던지|던진
lost|lose|잃어버렸|잃어버리|잃어버린
took|take|가져갔|가져가|가져간""")
MEET = table("""
called|call|불렀|부르|부른
helped|help|도왔|돕|도운
followed|follow|따라갔|따라가|따라간
met|meet|만났|만나|만난
saw|see|보았|보|본
hugged|hug|껴안았|껴안|껴안은
praised|praise|칭찬했|칭찬하|칭찬한
teased|tease|놀렸|놀리|놀린
waited for|wait for|기다렸|기다리|기다린
looked for|look for|찾아다녔|찾아다니|찾아다닌
invited|invite|초대했|초대하|초대한""")
GO = table("""
went|go|갔|가|간
walked|walk|걸어갔|걸어가|걸어간
ran|run|달려갔|달려가|달려간
hurried|hurry|서둘러 갔|서둘러 가|서둘러 간
returned|return|돌아갔|돌아가|돌아간""")
GIVE = table("gave|give|주었|주|준")
ACT = table("""
played|play|놀았|놀|논
slept|sleep|잤|자|잔
sang|sing|노래했|노래하|노래한
danced|dance|춤_을 추었|춤_을 추|춤_을 춘
rested|rest|쉬었|쉬|쉰
laughed|laugh|웃었|웃|웃은
cried|cry|울었|울|운
worked|work|일했|일하|일한""")
TIMES = table("""
one day|어느 날
yesterday|어제
last night|어젯밤
that day|그날
on Sunday|일요일에
in the morning|아침에
in the evening|저녁에
after school|방과 후에
last week|지난주에""")
LATER = table("""
then|그러고 나_서
later|나중에
soon|곧
at last|마침내
the next day|다음 날""")
WEATHER = table("""
sunny|화창한
rainy|비 오는
windy|바람 부는
cold|추운
warm|따뜻한
snowy|눈 오는
foggy|안개 낀
cloudy|흐린""")
