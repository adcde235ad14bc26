"""The words of the stories. Frequent words become one token each; held-out names never do."""

GIRLS = """Mina Lily Sara Anna Emma Ella Lucy Rosa Nora Ruby Zoe Maya Ivy Kate Jane Amy Eva Clara
Ada Molly Daisy Holly Grace Nina Tara Hana Yuna Leila Fay Bella Penny Wendy Heidi Elsa Mia
Olga""".split()
BOYS = """Tom Ben Max Sam Jack Leo Tim Dan Finn Luke Adam Noah Hugo Oscar Peter Paul Mark Eric
Carl Ivan Omar Ravi Jin Theo Toby Henry Felix Simon David Kevin Rory Billy Jake Owen Ali
Minho""".split()
# Training never sees these; each is several pieces.
HELD_GIRLS = """Calliope Bronwyn Wilhelmina Ottoline Delphine Philippa
Gwendolyn Isolde Thomasina Zuleika""".split()
HELD_BOYS = """Thaddeus Wolfgang Barnaby Ptolemy Marcellus Cornelius
Horatio Zebedee Fitzgerald Ambrose""".split()

COLOURS = "red blue green yellow pink purple brown black white orange grey golden".split()

OBJECTS = """ball kite drum doll book cup hat coat boat train car truck lamp clock bell key ring
coin map flag rope shell stone feather flute puppet robot ribbon scarf spoon plate bottle button
candle brush pencil balloon blanket pillow umbrella basketball mirror whistle ladder shovel bucket
chair letter picture necklace mask glove sock boot tent bike crown sword violin apple pear cookie
cake banana carrot pie sandwich muffin egg lemon peach plum""".split()

PLACES = {  # place: its preposition
    "garden": "in", "park": "in", "forest": "in", "kitchen": "in", "school": "at", "beach": "on",
    "farm": "on", "river": "by", "lake": "by", "hill": "on", "market": "at", "library": "in",
    "house": "in", "barn": "in", "yard": "in", "village": "in", "castle": "in", "bakery": "in",
    "shop": "in", "zoo": "at", "pond": "by", "bridge": "on", "meadow": "in", "attic": "in"}

CONTAINERS = {
    "box": "in", "basket": "in", "bag": "in", "drawer": "in", "chest": "in", "jar": "in",
    "table": "on", "shelf": "on", "bed": "under", "bench": "under", "tree": "behind",
    "door": "behind", "rug": "under", "cupboard": "in", "sofa": "behind", "desk": "on"}

ANIMALS = """dog cat bird frog duck horse cow pig goat hen fox bear mouse rabbit turtle owl lion
monkey sheep fish bee snail squirrel hedgehog""".split()
PEOPLE = "boy girl farmer teacher baker friend king queen neighbour sailor painter doctor".split()
PLURALS = {"mouse": "mice", "sheep": "sheep", "fish": "fish", "fox": "foxes", "box": "boxes",
           "bench": "benches", "shelf": "shelves", "brush": "brushes"}
ATTRACTORS = "box basket bag tree table chair lamp boat tent bench flag bucket rope clock".split()

GLAD = """happy glad proud excited cheerful thankful calm pleased hopeful brave merry
delighted""".split()
SAD = "sad angry scared upset lonely worried tired cross bored ashamed jealous nervous".split()
SIZES = "big small tiny huge old new".split()
WEATHER = "sunny rainy windy cold warm snowy foggy cloudy".split()

SYLLABLES = [c + v for c in "b d f g k l m n p r s t v z".split() for v in "aeiou"]
ENDINGS = "n l r s x b th ck m t".split()
