"""Writes tests/hostile/idx: IDX files (plain and gzip) that must be refused, one fault each, and expected.tsv
(name, part of the message); names begin with the kind that is asked for.  Also fuzz/seeds/idx.  Python's
standard library only; usage: hostile_idx.py"""
import gzip
import os
import shutil
import struct
import zlib

ROOT = os.path.join(os.path.dirname(__file__), "..", "..")
rows = []


def idx(dims, data, type_=8, front=b"\0\0", count=None):
    head = front + bytes([type_, len(dims) if count is None else count])
    return head + b"".join(struct.pack(">I", d) for d in dims) + data


def pack(data):
    return gzip.compress(data, 9, mtime=0)


def put(folder, name, data):
    with open(os.path.join(ROOT, folder, name), "wb") as f:
        f.write(data)


def add(name, data, message):
    assert all(name != r[0] for r in rows), name
    assert name.startswith(("images_", "labels_"))
    put("tests/hostile/idx", name, data)
    rows.append((name, message))


def main():
    for folder in ("tests/hostile/idx", "fuzz/seeds/idx"):
        shutil.rmtree(os.path.join(ROOT, folder), ignore_errors=True)
        os.makedirs(os.path.join(ROOT, folder))
    pixels = bytes(range(2 * 3 * 4))
    good, labels = idx([2, 3, 4], pixels), idx([5], b"\0\1\2\3\4")
    for name, data in (("images", good), ("labels", labels)):
        put("fuzz/seeds/idx", name, data)
        put("fuzz/seeds/idx", name + ".gz", pack(data))
    early, no_idx = "ends too early to be an IDX file", "this is no IDX file"
    short, longer = "shorter than its dimensions say", "longer than its dimensions say"

    add("images_empty", b"", early)
    add("images_three_bytes", good[:3], early)
    add("images_header_cut", good[:15], early)
    add("images_header_alone", good[:16], short)
    add("images_one_byte_less", good[:-1], short)
    add("images_one_byte_more", good + b"\0", longer)
    add("images_little_endian", b"\x03\x08\0\0" + struct.pack("<III", 2, 3, 4) + pixels, no_idx)
    add("images_dimensions_little_endian", b"\0\0\x08\x03" + struct.pack("<III", 2, 3, 4) + pixels, "are too large")
    add("images_are_png", b"\x89PNG\r\n\x1a\n" + bytes(40), no_idx)
    add("images_first_byte", b"\1" + good[1:], no_idx)
    add("images_second_byte", b"\0\1" + good[2:], no_idx)
    for name, code in (("type_0", 0), ("signed_bytes", 9), ("type_10", 10), ("shorts", 11), ("ints", 12),
                       ("floats", 13), ("doubles", 14), ("type_255", 255)):
        add("images_" + name, idx([2, 3, 4], pixels * 8, type_=code), "an IDX file of another type")
    for n in (0, 2, 4, 255):
        add(f"images_{n}_dimensions", idx([2, 3, 4], pixels, count=n), "another number of dimensions")
    add("images_are_labels", labels + bytes(16), "another number of dimensions")
    add("images_none", idx([0, 28, 28], b""), "holds nothing")
    add("images_none_with_pixels", idx([0, 3, 4], pixels), "holds nothing")
    add("images_height_zero", idx([2, 0, 4], b""), "without a pixel")
    add("images_width_zero", idx([2, 3, 0], b""), "without a pixel")
    add("images_height_65536", idx([1, 65536, 1], bytes(65536)), "are too large")
    add("images_height_65535_cut", idx([1, 65535, 1], bytes(65534)), short)
    add("images_width_2_32_minus_1", idx([1, 1, 2**32 - 1], pixels), "are too large")
    add("images_count_2_32_minus_1", idx([2**32 - 1, 3, 4], pixels), short)
    add("images_count_negative", idx([2**31, 3, 4], pixels), short)
    add("images_product_over_64_bits", idx([2**32 - 1, 65535, 65535], pixels), short)
    add("images_product_wraps_32_bits", idx([65536, 65535, 1], pixels), short)
    add("images_count_one_more", idx([3, 3, 4], pixels), short)
    add("images_count_one_less", idx([1, 3, 4], pixels), longer)
    add("labels_empty", b"", early)
    add("labels_header_cut", labels[:7], early)
    add("labels_cut", labels[:-1], short)
    add("labels_behind", labels + b"\5", longer)
    add("labels_none", idx([0], b""), "holds nothing")
    add("labels_count_2_32_minus_1", idx([2**32 - 1], b"\0\1\2"), short)
    add("labels_are_images", good, "another number of dimensions")
    add("labels_are_ints", idx([1], b"\0\0\0\1", type_=12), "an IDX file of another type")

    z = pack(good)
    add("images_gzip_cut", z[:-9], "the gzip file ends too early")
    add("images_gzip_without_trailer", z[:-8], "the gzip file ends too early")
    add("images_gzip_header_alone", z[:10] + bytes(8), "the gzip file is damaged")
    add("images_gzip_sum", z[:-8] + bytes([z[-8] ^ 1]) + z[-7:], "the gzip file is damaged")
    add("images_gzip_length", z[:-4] + struct.pack("<I", 41), "the gzip file is damaged")
    add("images_gzip_method", z[:2] + b"\7" + z[3:], "the gzip file is damaged")
    add("images_gzip_reserved_flags", z[:3] + b"\xe0" + z[4:], "the gzip file is damaged")
    add("images_gzip_stream_damaged", z[:10] + b"\7" + z[11:], "the gzip file is damaged")
    add("images_gzip_behind", z + b"\0", "bytes behind the end of the gzip file")
    add("images_gzip_two_members", z + z, "bytes behind the end of the gzip file")
    add("images_gzip_twice", pack(z), no_idx)
    add("images_gzip_empty", pack(b""), "the gzip file ends too early")
    add("images_gzip_more_than_claimed", pack(good + b"\0"), "holds more than it should")
    add("images_gzip_less_than_claimed", pack(good[:-1]), "the gzip file ends too early")
    add("images_gzip_claims_4_gib", pack(idx([65535, 256, 256], pixels)), short)
    add("images_gzip_claims_over_64_bits", pack(idx([2**32 - 1, 65535, 65535], pixels)), short)
    add("images_gzip_bomb", pack(good + bytes(1 << 20)), "holds more than it should")
    add("images_gzip_height_zero", pack(idx([2, 0, 4], b"")), "without a pixel")
    add("images_gzip_floats", pack(idx([2, 3, 4], pixels * 4, type_=13)), "an IDX file of another type")
    add("images_gzip_of_labels", pack(labels + bytes(16)), "another number of dimensions")
    add("images_zlib_stream", zlib.compress(good, 9), no_idx)
    add("labels_gzip_cut", pack(labels)[:-9], "the gzip file ends too early")
    add("labels_gzip_claims_more", pack(idx([10**6], bytes(5))), short)
    put("tests/hostile/idx", "expected.tsv", "".join(f"{n}\t{m}\n" for n, m in rows).encode())
    print(len(rows), len({m for _, m in rows}))


main()
