"""Looks into an exported figure, with nothing of Attnscope's: python3 figure_check.py WHAT FILE…
  size F.png                width and height in pixels
  alike A.png B.png         the mean difference of their colours, on white (0 to 255)
  texts F.svg               what it says, a text a line (an XML parser reads the whole file)
  field F.svg KEY           a field of its metadata
  keys F.png                the keywords of its texts, in their order
  text F.png KEYWORD        one of them
"""

import struct
import sys
import xml.etree.ElementTree as tree
import zlib

SVG, OWN = "{http://www.w3.org/2000/svg}", "{urn:attnscope}"


def chunks(path):
    with open(path, "rb") as file:
        data = file.read()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", path
    at = 8
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        at += size + 12


def paeth(a, b, c):
    p = a + b - c
    pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
    return a if pa <= pb and pa <= pc else b if pb <= pc else c


def unfilter(kind, line, above, step):
    for i in range(len(line)):
        a = line[i - step] if i >= step else 0
        b = above[i]
        c = above[i - step] if i >= step else 0
        guess = (0, a, b, (a + b) // 2, paeth(a, b, c))[kind]
        line[i] = (line[i] + guess) & 255
    return line


def pixels(path):
    """Width, height, and red, green, blue of each pixel on white."""
    parts = list(chunks(path))
    width, height, depth, kind = struct.unpack(">IIBB", parts[0][1][:10])
    assert depth == 8 and kind in (2, 6), (depth, kind)
    step = 3 if kind == 2 else 4
    raw = zlib.decompress(b"".join(body for name, body in parts if name == b"IDAT"))
    above, flat = bytearray(width * step), []
    for y in range(height):
        row = raw[y * (width * step + 1) : (y + 1) * (width * step + 1)]
        above = unfilter(row[0], bytearray(row[1:]), above, step)
        for x in range(0, len(above), step):
            alpha = above[x + 3] if step == 4 else 255
            flat += [255 + (above[x + c] - 255) * alpha // 255 for c in range(3)]
    return width, height, flat


def alike(a, b):
    (wa, ha, pa), (wb, hb, pb) = pixels(a), pixels(b)
    assert (wa, ha) == (wb, hb), f"{wa} × {ha} and {wb} × {hb}"
    return sum(abs(x - y) for x, y in zip(pa, pb)) / len(pa)


def texts_of(path):
    for name, body in chunks(path):
        if name == b"iTXt":
            keyword, rest = body.split(b"\0", 1)
            assert rest[:2] == b"\0\0"
            yield keyword.decode(), rest[2:].split(b"\0", 2)[2].decode()


def main():
    what, path, *rest = sys.argv[1:]
    if what == "size":
        print(*struct.unpack(">II", next(chunks(path))[1][:8]))
    elif what == "alike":
        print(f"{alike(path, rest[0]):.2f}")
    elif what == "texts":
        for text in tree.parse(path).getroot().iter(SVG + "text"):
            print(text.text)
    elif what == "field":
        print(tree.parse(path).getroot().find(f"{SVG}metadata/{OWN}{rest[0]}").text)
    elif what == "keys":
        print(*[key for key, _ in texts_of(path)])
    elif what == "text":
        print(dict(texts_of(path))[rest[0]])


main()
