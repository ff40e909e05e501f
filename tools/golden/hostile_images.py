"""Writes tests/hostile/{jpeg,png,webp}: files with one fault each, and expected.tsv: name, and part of the message;
"accepted" where the picture is whole and only what is beside it makes no sense.  Python's standard library only;
takes its good pictures from tests/golden/images/made; usage: hostile_images.py"""
import os
import struct
import zlib

from hostile_text import Cases

MADE = os.path.join(os.path.dirname(__file__), "..", "..", "tests", "golden", "images", "made")


def made(name):
    with open(os.path.join(MADE, name), "rb") as f:
        return f.read()


# ---- JPEG: a picture of zeros in which every block takes two bits ----

def seg(marker, data, length=None):
    return bytes([0xff, marker]) + struct.pack(">H", len(data) + 2 if length is None else length) + data


def dqt(table=0, precision=0):
    return seg(0xdb, bytes([precision << 4 | table]) + b"\1" * 64)


def dht(kind, counts=(1,), symbols=b"\0"):
    return seg(0xc4, bytes([kind]) + bytes(counts) + bytes(16 - len(counts)) + symbols)


def sof(w, h, parts=3, marker=0xc0, precision=8, sampling=0x11, table=0):
    body = struct.pack(">BHHB", precision, h, w, parts)
    return seg(marker, body + b"".join(bytes([i + 1, sampling, table]) for i in range(parts)))


def sos(parts=(1, 2, 3), ss=0, se=63, a=0):
    return seg(0xda, bytes([len(parts)]) + b"".join(bytes([c, 0]) for c in parts) + bytes([ss, se, a]))


SOI, EOI, TABLES = b"\xff\xd8", b"\xff\xd9", dqt() + dht(0) + dht(0x10)


def jpeg(w=8, h=8, frame=None, scans=None, tables=TABLES, bits=b"\3"):
    return SOI + tables + (frame or sof(w, h)) + (sos() + bits if scans is None else scans) + EOI


def tiff(entries, first=8, order=b"II*\0"):
    return order + struct.pack("<IH", first, len(entries)) + b"".join(struct.pack("<HHII", *e) for e in entries)


def with_exif(block, length=None):
    return jpeg().replace(SOI, SOI + seg(0xe1, b"Exif\0\0" + block, length), 1)


def jpeg_cases():
    c, damaged = Cases("jpeg"), "the JPEG picture is damaged: "
    photo = made("jpeg/420.jpg")
    c.add("good.jpg", jpeg(), "accepted")
    c.add("empty.jpg", b"", "the file is empty")
    c.add("two_bytes.jpg", SOI, "not a picture of a known form")
    c.add("text.jpg", "hello, world\n", "not a picture of a known form")
    c.add("only_magic.jpg", SOI + b"\xff", damaged + "Premature end")
    c.add("no_frame.jpg", SOI + TABLES + EOI, damaged)
    c.add("scan_before_frame.jpg", SOI + TABLES + sos() + b"\3" + EOI, damaged)
    c.add("two_frames.jpg", jpeg(frame=sof(8, 8) + sof(8, 8)), damaged)
    c.add("cut_in_header.jpg", photo[:100], damaged + "Premature end")
    c.add("cut_in_frame.jpg", photo[:photo.index(b"\xff\xc0") + 8], damaged + "Premature end")
    c.add("cut_in_scan.jpg", photo[:len(photo) // 2], damaged + "Premature end")
    c.add("cut_end_marker.jpg", photo[:-2], damaged + "Premature end")
    c.add("end_in_scan.jpg", photo[:len(photo) // 2] + EOI, damaged + "Corrupt JPEG data: premature end")
    progressive = made("jpeg/progressive.jpg")
    c.add("cut_progressive.jpg", progressive[:len(progressive) // 2], damaged + "Premature end")
    c.add("progressive_end_in_scan.jpg", progressive[:-40] + EOI, damaged + "Corrupt JPEG data: premature end")
    c.add("marker_length_0.jpg", SOI + seg(0xe0, b"", 0) + jpeg()[2:], "accepted")
    c.add("marker_length_1.jpg", SOI + seg(0xe1, b"", 1) + jpeg()[2:], "accepted")
    c.add("marker_beyond_end.jpg", SOI + seg(0xe1, b"Exif\0\0", 65535) + jpeg()[2:], damaged)
    c.add("width_0.jpg", jpeg(0, 8), damaged + "Empty JPEG image")
    c.add("height_0.jpg", jpeg(8, 0), damaged)
    c.add("claims_65535.jpg", jpeg(65535, 65535), damaged + "Maximum supported image dimension")
    c.add("claims_65000.jpg", jpeg(65000, 65000), "the picture claims 65000 x 65000 pixels")
    c.add("claims_more_than_bytes.jpg", jpeg(8000, 8000), "more than 151 bytes hold")
    c.add("claims_2048_has_8.jpg", jpeg(2048, 2048), damaged + "Corrupt JPEG data: premature end")
    c.add("precision_12.jpg", jpeg(frame=sof(8, 8, precision=12)), damaged + "Unsupported JPEG data precision 12")
    c.add("lossless.jpg", jpeg(frame=sof(8, 8, marker=0xc3)), damaged + "Unsupported JPEG process")
    c.add("arithmetic.jpg", jpeg(frame=sof(8, 8, marker=0xc9)), "with arithmetic coding is not read")
    c.add("arithmetic_progressive.jpg", jpeg(frame=sof(8, 8, marker=0xca)), "with arithmetic coding is not read")
    c.add("components_0.jpg", jpeg(frame=sof(8, 8, 0)), damaged)
    c.add("components_2.jpg", jpeg(frame=sof(8, 8, 2), scans=sos((1, 2)) + b"\x0f"), "of 2 components is not read")
    c.add("components_5.jpg", jpeg(frame=sof(8, 8, 5)), "of 5 components is not read")
    c.add("components_255.jpg", jpeg(frame=sof(8, 8, 255)), damaged + "Too many color components")
    c.add("frame_length_lies.jpg", jpeg(frame=sof(8, 8).replace(b"\0\x11", b"\0\x12", 1)), damaged + "Bogus marker length")
    c.add("sampling_0.jpg", jpeg(frame=sof(8, 8, sampling=0)), damaged + "Bogus sampling factors")
    c.add("sampling_5.jpg", jpeg(frame=sof(8, 8, sampling=0x51)), damaged + "Bogus sampling factors")
    c.add("mcu_too_large.jpg", jpeg(frame=sof(8, 8, sampling=0x44)), damaged + "Sampling factors too large")
    c.add("no_quantisation.jpg", jpeg(tables=dht(0) + dht(0x10)), damaged + "Quantization table 0x00 was not defined")
    c.add("no_huffman.jpg", jpeg(tables=dqt()), damaged + "Corrupt JPEG data: premature end")
    c.add("table_7.jpg", jpeg(frame=sof(8, 8, table=7)), damaged)
    c.add("dqt_index.jpg", jpeg(tables=TABLES + dqt(9)), damaged + "Bogus DQT index")
    c.add("dqt_short.jpg", jpeg(tables=TABLES + seg(0xdb, b"\0\1\2\3")), damaged)
    c.add("dht_index.jpg", jpeg(tables=TABLES + dht(0x1f)), damaged + "Bogus DHT index")
    c.add("dht_over_256.jpg", jpeg(tables=TABLES + dht(0, (255,) * 16, bytes(255))), damaged + "Bogus Huffman table definition")
    c.add("dht_oversubscribed.jpg", jpeg(tables=dqt() + dht(0, (3,), b"\0\1\2") + dht(0x10)), damaged + "Bogus Huffman table definition")
    c.add("dht_symbol_200.jpg", jpeg(tables=dqt() + dht(0, (1,), b"\xc8") + dht(0x10)), damaged + "Bogus Huffman table definition")
    c.add("dht_short.jpg", jpeg(tables=TABLES + seg(0xc4, b"\0\4" + bytes(15))), damaged)
    c.add("code_unknown.jpg", jpeg(bits=b"\x7f\x7f\x7f"), damaged + "Corrupt JPEG data: bad Huffman code")
    c.add("scan_component.jpg", jpeg(scans=sos((1, 2, 9)) + b"\3"), damaged + "Invalid component ID 9")
    c.add("scan_of_none.jpg", jpeg(scans=sos(()) + b"\3"), damaged)
    c.add("scan_of_five.jpg", jpeg(scans=sos((1, 2, 3, 1, 2)) + b"\3"), damaged)
    single = jpeg(frame=sof(8, 8, 1), scans=sos((1,)) + b"\x3f" + sos((1,)) + b"\x3f")
    c.add("second_scan_of_one.jpg", single, damaged + "Didn't expect more than one scan")
    c.add("scan_missing.jpg", jpeg(scans=sos((1,)) + b"\x3f"), "lacks the scan of component 2 of 3")
    each = b"".join(sos((i,)) + b"\x3f" for i in (1, 2, 3))
    c.add("scans_63.jpg", jpeg(scans=21 * each), "accepted")
    c.add("scans_66.jpg", jpeg(scans=22 * each), "more than 64 scans")
    c.add("scans_3000.jpg", jpeg(scans=1000 * each), "more than 64 scans")
    first = sos(ss=0, se=0) + b"\x1f"
    again = b"".join(sos((i,), 1, 63) + b"\x7f" for i in (1, 2, 3))
    c.add("progressive_scans.jpg", jpeg(frame=sof(8, 8, marker=0xc2), scans=first + 700 * again), "more than 64 scans")
    c.add("progressive_scan_missing.jpg", jpeg(frame=sof(8, 8, marker=0xc2), scans=sos((1, 3), ss=0, se=0) + b"\x3f"),
          "lacks the scan of component 2 of 3")
    c.add("progression_inconsistent.jpg", jpeg(frame=sof(8, 8, marker=0xc2), scans=first + sos((1,), 1, 63, 0x21) + b"\x7f"),
          damaged + "Inconsistent progression")
    c.add("progression_parameters.jpg", jpeg(frame=sof(8, 8, marker=0xc2), scans=first + sos((1,), 9, 3) + b"\x7f"),
          damaged + "Invalid progressive parameters")
    restarts = made("jpeg/restarts.jpg")
    at = restarts.index(b"\xff\xd2")
    c.add("restart_wrong.jpg", restarts[:at] + b"\xff\xd6" + restarts[at + 2:], damaged + "Corrupt JPEG data")
    at = len(photo) * 2 // 3
    c.add("ones_in_scan.jpg", photo[:at] + b"\xff\0" * 32 + photo[at + 64:], damaged + "Corrupt JPEG data: bad Huffman code")
    tag = 0x112
    for name, block in {
            "empty": b"", "short": b"II*", "no_tiff": b"abcdefghijkl", "odd_order": b"XX*\0" + bytes(20),
            "first_beyond": tiff([(tag, 3, 1, 6)], 0xfffffff0), "first_at_end": tiff([], 10)[:8] + b"\1",
            "entries_65535": tiff([])[:8] + b"\xff\xff" + struct.pack("<HHII", 1, 3, 1, 1),
            "cut_in_entry": tiff([(tag, 3, 1, 6)])[:-3], "orientation_0": tiff([(tag, 3, 1, 0)]),
            "orientation_9": tiff([(tag, 3, 1, 9)]), "orientation_huge": tiff([(tag, 4, 1, 0xffffffff)]),
            "directory_on_itself": tiff([(0x8769, 4, 1, 8)]), "count_lies": tiff([(0x10e, 2, 0xffffffff, 4)])}.items():
        c.add(f"exif_{name}.jpg", with_exif(block), "accepted")
    for name, text in {"digit_9": b'tiff:Orientation="9"', "digit_0": b"tiff:Orientation>0", "cut": b"tiff:Orientation=",
                       "cut_quote": b'tiff:Orientation="', "no_digit": b'tiff:Orientation="x"', "many": 999 * b"tiff:Orientation"}.items():
        c.add(f"xmp_{name}.jpg", jpeg().replace(SOI, SOI + seg(0xe1, b"http://ns.adobe.com/xap/1.0/\0" + text), 1), "accepted")
    c.close()


# ---- PNG ----

def chunk(name, data, length=None, crc=None):
    length = len(data) if length is None else length
    return struct.pack(">I", length) + name + data + struct.pack(">I", zlib.crc32(name + data) if crc is None else crc)


MAGIC, IEND = b"\x89PNG\r\n\x1a\n", chunk(b"IEND", b"")


def ihdr(w=4, h=4, depth=8, kind=2, compression=0, filtering=0, interlace=0):
    return chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, depth, kind, compression, filtering, interlace))


def idat(data=bytes(4 * 13)):
    return chunk(b"IDAT", zlib.compress(data, 9))


def png(*chunks):
    return MAGIC + b"".join(chunks)


def png_cases():
    c, damaged = Cases("png"), "the PNG picture is damaged: "
    palette, zeros = chunk(b"PLTE", bytes(range(12))), zlib.compress(bytes(4 * 13), 9)
    c.add("good.png", png(ihdr(), idat(), IEND), "accepted")
    c.add("only_magic.png", MAGIC, damaged + "the file ends early")
    c.add("cut_in_header.png", png(ihdr())[:20], damaged + "the file ends early")
    c.add("no_header.png", png(idat(), IEND), damaged)
    c.add("no_data.png", png(ihdr(), IEND), damaged + "IEND: out of place")
    c.add("no_end.png", png(ihdr(), idat()), damaged + "the file ends early")
    c.add("cut_in_data.png", made("png/rgb8.png")[:3000], damaged + "the file ends early")
    c.add("header_13_lies.png", png(chunk(b"IHDR", bytes(13), 12)), damaged)
    c.add("header_twice.png", png(ihdr(), ihdr(), idat(), IEND), damaged)
    c.add("crc_header.png", png(chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0), crc=1), idat(), IEND), damaged + "the chunk at byte")
    c.add("crc_data.png", png(ihdr(), chunk(b"IDAT", zeros, crc=1), IEND), damaged + "the chunk at byte")
    c.add("crc_text.png", png(ihdr(), chunk(b"tEXt", b"a\0b", crc=1), idat(), IEND), damaged + "the chunk at byte")
    c.add("crc_end.png", png(ihdr(), idat(), chunk(b"IEND", b"", crc=1)), damaged + "the chunk at byte")
    for name, header in {"width_0": ihdr(0), "height_0": ihdr(4, 0), "width_2_31": ihdr(1 << 31), "width_2_32": ihdr(0xffffffff),
                         "depth_3": ihdr(depth=3), "depth_32": ihdr(depth=32), "palette_16": ihdr(depth=16, kind=3),
                         "rgb_4": ihdr(depth=4), "kind_1": ihdr(kind=1), "kind_5": ihdr(kind=5), "kind_7": ihdr(kind=7),
                         "compression_1": ihdr(compression=1), "filter_method_1": ihdr(filtering=1),
                         "interlace_2": ihdr(interlace=2)}.items():
        c.add(f"header_{name}.png", png(header, palette, idat(), IEND),
              damaged + ("PNG unsigned integer out of range" if "width_2" in name else "Invalid IHDR data"))
    c.add("claims_2_31_minus_1.png", png(ihdr(0x7fffffff, 1), idat(), IEND), "the picture claims 2147483647 x 1 pixels")
    c.add("claims_65535.png", png(ihdr(65535, 65535), idat(), IEND), "the picture claims 65535 x 65535 pixels")
    c.add("claims_65536.png", png(ihdr(65536, 1), idat(), IEND), "1 to 65535 on a side")
    c.add("claims_64_mi_and_a_row.png", png(ihdr(8192, 8193), idat(), IEND), "at most 67108864 pixels")
    c.add("claims_more_than_bytes.png", png(ihdr(8192, 8192), idat(), IEND), "more than 69 bytes hold")
    c.add("claims_2048_has_4.png", png(ihdr(2048, 2048), idat(), IEND), damaged + "Not enough image data")
    c.add("data_short.png", png(ihdr(), idat(bytes(40)), IEND), damaged + "Not enough image data")
    c.add("data_empty.png", png(ihdr(), chunk(b"IDAT", b""), IEND), damaged)
    c.add("data_no_deflate.png", png(ihdr(), chunk(b"IDAT", b"abcdefgh"), IEND), damaged)
    c.add("data_window_lies.png", png(ihdr(), chunk(b"IDAT", b"\xf8\x59" + zeros[2:]), IEND), damaged)
    c.add("data_code_wrong.png", png(ihdr(), chunk(b"IDAT", zeros[:2] + b"\x07" + zeros[3:]), IEND), damaged)
    c.add("data_far_back.png", png(ihdr(), chunk(b"IDAT", b"\x78\x9c\x63\x60\x60\xa0\x0c\x03" + bytes(8)), IEND), damaged)
    c.add("filter_5.png", png(ihdr(), idat(b"\5" + bytes(51)), IEND), damaged + "bad adaptive filter value")
    c.add("bomb_in_data.png", png(ihdr(), idat(bytes(20 << 20)), IEND), "accepted")  # what is too much is not inflated
    c.add("bomb_in_text.png", png(ihdr(), chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(20 << 20), 9)), idat(), IEND), "accepted")
    c.add("bomb_in_profile.png", png(ihdr(), chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(20 << 20), 9)), idat(), IEND), "accepted")
    c.add("bomb_in_itxt.png", png(ihdr(), chunk(b"iTXt", b"a\0\1\0\0\0" + zlib.compress(bytes(20 << 20), 9)), idat(), IEND), "accepted")
    c.add("texts_2000.png", png(ihdr(), 2000 * chunk(b"tEXt", b"a\0b"), idat(), IEND), "accepted")
    c.add("palette_missing.png", png(ihdr(kind=3), idat(bytes(20)), IEND), damaged + "IDAT: Missing PLTE before IDAT")
    c.add("palette_after_data.png", png(ihdr(kind=3), idat(bytes(20)), palette, IEND), damaged)
    c.add("palette_twice.png", png(ihdr(kind=3), palette, palette, idat(bytes(20)), IEND), damaged + "PLTE: duplicate")
    c.add("palette_length_10.png", png(ihdr(kind=3), chunk(b"PLTE", bytes(10)), idat(bytes(20)), IEND), damaged + "PLTE: invalid")
    c.add("palette_length_0.png", png(ihdr(kind=3), chunk(b"PLTE", b""), idat(bytes(20)), IEND), damaged)
    c.add("palette_257.png", png(ihdr(kind=3), chunk(b"PLTE", bytes(771)), idat(bytes(20)), IEND), damaged)
    c.add("palette_index.png", png(ihdr(kind=3), palette, idat(bytes(19) + b"\4"), IEND), "a pixel of colour 4, its palette 4")
    c.add("palette_index_255.png", png(ihdr(kind=3), palette, idat(bytes(19) + b"\xff"), IEND), "a pixel of colour 255, its palette 4")
    c.add("transparency_long.png", png(ihdr(kind=3), palette, chunk(b"tRNS", bytes(300)), idat(bytes(20)), IEND), "accepted")
    c.add("transparency_first.png", png(ihdr(kind=3), chunk(b"tRNS", bytes(3)), palette, idat(bytes(20)), IEND), "accepted")
    c.add("chunk_length_2_31.png", png(ihdr(), chunk(b"tEXt", b"a\0b", 1 << 31), idat(), IEND), damaged)
    c.add("chunk_beyond_end.png", png(ihdr(), chunk(b"tEXt", b"a\0b", 100000), idat(), IEND), damaged + "the file ends early")
    c.add("chunk_name.png", png(ihdr(), chunk(b"t\0Xt", b""), idat(), IEND), damaged)
    c.add("critical_unknown.png", png(ihdr(), chunk(b"ABCD", b""), idat(), IEND), damaged + "ABCD: unhandled critical chunk")
    c.add("data_in_two_places.png", png(ihdr(), chunk(b"IDAT", zeros[:9]), chunk(b"tEXt", b"a\0b"), chunk(b"IDAT", zeros[9:]), IEND), damaged)
    c.add("animated.png", png(ihdr(), chunk(b"acTL", struct.pack(">II", 2, 0)), chunk(b"fcTL", bytes(26)), idat(),
                              chunk(b"fcTL", bytes(26)), chunk(b"fdAT", bytes(4) + zeros), IEND), "accepted")
    c.add("interlaced_short.png", png(ihdr(interlace=1), idat(bytes(20)), IEND), damaged + "Not enough image data")
    c.add("exif_short.png", png(ihdr(), chunk(b"eXIf", b"I"), idat(), IEND), "accepted")
    c.add("exif_1_gib.png", png(ihdr(), chunk(b"eXIf", b"II*\0", 1 << 30), idat(), IEND), damaged + "the file ends early")
    c.add("exif_lies.png", png(ihdr(), chunk(b"eXIf", b"II*\0\xff\xff\xff\xff"), idat(), IEND), "accepted")
    c.add("behind_end.png", png(ihdr(), idat(), IEND) + b"PK\3\4 polyglot", "accepted")
    c.close()


# ---- WebP ----

class Bits:
    """Least significant bit first; a prefix code goes in from its first bit."""

    def __init__(self):
        self.bits = []

    def put(self, value, n):
        self.bits += [value >> i & 1 for i in range(n)]
        return self

    def bytes(self):
        bits = self.bits + [0] * (-len(self.bits) % 8)
        return bytes(sum(b << i for i, b in enumerate(bits[k:k + 8])) for k in range(0, len(bits), 8))


def riff(*chunks, size=None):
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body) if size is None else size) + body


def part(name, data, size=None):
    return name + struct.pack("<I", len(data) if size is None else size) + data + b"\0" * (len(data) % 2)


def vp8l(w=1, h=1, version=0):
    return Bits().put(0x2f, 8).put(w - 1, 14).put(h - 1, 14).put(0, 1).put(version, 3)


def one_symbol(b):
    """A prefix code of the symbol 0 alone, which takes no bits."""
    return b.put(1, 1).put(0, 1).put(0, 1).put(0, 1)


def plain(w, h):
    b = vp8l(w, h).put(0, 3)  # no transform, no cache, one group of codes
    for _ in range(5):
        one_symbol(b)
    return b.bytes()


ALPHABETS = (280, 256, 256, 256, 40)


def with_codes(*histograms):
    """Five prefix codes written out, each code length with 4 bits; a histogram counts the codes of each length."""
    b = vp8l().put(0, 3)
    for size, counts in zip(ALPHABETS, histograms):
        lengths = [n for n, count in enumerate(counts) for _ in range(count) if n]
        lengths += [0] * (size - len(lengths))
        b.put(0, 1).put(15, 4)
        for symbol in (17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15):
            b.put(0 if symbol > 15 else 4, 3)
        b.put(0, 1)
        for n in lengths:
            b.put(int(format(n, "04b")[::-1], 2), 4)
    return b.put(0, 64).bytes()


# complete codes with the largest tables of their alphabets (zlib's enough.c), and an incomplete one that is larger
FULL = [[0, 1, 1, 0, 0, 0, 0, 0, 0, 3, 229, 41, 1, 1, 1, 2]] + 3 * [[0, 1, 1, 0, 0, 0, 0, 0, 0, 7, 241, 1, 1, 1, 1, 2]]
BEYOND = [0, 1, 1, 1, 1, 0, 0, 0, 0, 27, 1, 1, 1, 1, 1, 4]


def webp_cases():
    c, damaged = Cases("webp"), "the WebP picture is damaged: "
    lossy, lossless = made("webp/lossy.webp"), made("webp/lossless.webp")
    vp8 = lossy[20:]
    c.add("good.webp", riff(part(b"VP8L", plain(3, 2))), "accepted")
    c.add("only_riff.webp", riff(), damaged + "its bits make no sense")
    c.add("cut_in_chunk.webp", lossy[:18], damaged + "the file ends early")
    c.add("cut_in_lossy.webp", lossy[:len(lossy) // 2], damaged + "the file ends early")
    c.add("cut_in_lossless.webp", lossless[:len(lossless) // 2], damaged + "the file ends early")
    c.add("riff_short.webp", riff(part(b"VP8 ", vp8), size=20), damaged)
    c.add("riff_2_32.webp", riff(part(b"VP8 ", vp8), size=0xffffffff), damaged)
    c.add("riff_odd_name.webp", b"RIFX" + lossy[4:], damaged)
    c.add("chunk_2_32.webp", riff(part(b"VP8 ", vp8, 0xfffffff0)), damaged)
    c.add("chunk_short.webp", riff(part(b"VP8 ", vp8, 40)), damaged)
    c.add("chunk_unknown.webp", riff(part(b"ABCD", bytes(20))), damaged)
    c.add("alpha_alone.webp", riff(part(b"ALPH", bytes(20))), damaged)
    c.add("frame_no_key.webp", riff(part(b"VP8 ", bytes([vp8[0] | 1]) + vp8[1:])), damaged)
    c.add("frame_start_code.webp", riff(part(b"VP8 ", vp8[:3] + b"\0\0\0" + vp8[6:])), damaged)
    c.add("frame_width_0.webp", riff(part(b"VP8 ", vp8[:6] + b"\0\0" + vp8[8:])), damaged)
    c.add("frame_partition_lies.webp", riff(part(b"VP8 ", b"\xf0\xff\xff" + vp8[3:])), damaged)
    c.add("claims_16383_lossy.webp", riff(part(b"VP8 ", vp8[:6] + b"\xff\x3f\xff\x3f" + vp8[10:])), "the picture claims 16383 x 16383 pixels")
    c.add("claims_16384_lossless.webp", riff(part(b"VP8L", plain(16384, 16384))), "the picture claims 16384 x 16384 pixels")
    c.add("claims_more_than_bytes.webp", riff(part(b"VP8L", plain(8000, 8000))), "more than 28 bytes hold")
    c.add("claims_2048_of_nothing.webp", riff(part(b"VP8L", plain(2048, 2048))), "accepted")
    c.add("lossless_signature.webp", riff(part(b"VP8L", b"\x2e" + plain(3, 2)[1:])), damaged)
    c.add("lossless_version.webp", riff(part(b"VP8L", vp8l(3, 2, 1).put(0, 100).bytes())), damaged)
    c.add("lossless_empty.webp", riff(part(b"VP8L", b"\x2f")), damaged)
    c.add("lossless_no_codes.webp", riff(part(b"VP8L", vp8l(3, 2).bytes())), damaged)
    same = vp8l(3, 2).put(1, 1).put(2, 2).put(1, 1).put(2, 2)
    c.add("lossless_transform_twice.webp", riff(part(b"VP8L", same.put(0, 200).bytes())), damaged)
    c.add("lossless_cache_bits_15.webp", riff(part(b"VP8L", vp8l(3, 2).put(0, 1).put(1, 1).put(15, 4).put(0, 200).bytes())), damaged)
    c.add("huffman_full.webp", riff(part(b"VP8L", with_codes(*FULL, [0, 0, 0, 0, 0, 24, 16]))), "accepted")
    c.add("huffman_cve_2023_4863.webp", riff(part(b"VP8L", with_codes(*FULL, BEYOND))), damaged + "its bits make no sense")
    c.add("huffman_oversubscribed.webp", riff(part(b"VP8L", with_codes([0, 3]))), damaged + "its bits make no sense")
    c.add("huffman_incomplete.webp", riff(part(b"VP8L", with_codes([0, 1, 0, 1]))), damaged + "its bits make no sense")
    c.add("huffman_empty.webp", riff(part(b"VP8L", with_codes([0]))), damaged)
    extended = part(b"VP8X", bytes([2, 0, 0, 0]) + bytes(6))
    c.add("animated.webp", riff(extended, part(b"ANIM", bytes(6)), part(b"ANMF", bytes(16) + part(b"VP8L", plain(1, 1)))),
          "this is an animated WebP")
    huge = part(b"VP8X", bytes(4) + b"\xff\xff\xff" * 2)
    c.add("canvas_2_24.webp", riff(huge, part(b"VP8L", plain(3, 2))), damaged)
    c.add("canvas_other.webp", riff(part(b"VP8X", bytes(4) + b"\x63\0\0" * 2), part(b"VP8L", plain(3, 2))), damaged)
    small = part(b"VP8X", b"\x08\0\0\0" + b"\2\0\0" + b"\1\0\0")
    c.add("exif_lies.webp", riff(small, part(b"VP8L", plain(3, 2)), part(b"EXIF", b"MM\0*\xff\xff\xff\xff")), "accepted")
    c.add("exif_beyond_end.webp", riff(small, part(b"VP8L", plain(3, 2)), part(b"EXIF", b"MM", 0xfffffff0)), "accepted")
    c.close()


jpeg_cases()
png_cases()
webp_cases()
