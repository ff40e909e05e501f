"""Writes tests/hostile/{safetensors,index,zip,torch,pickle}: files that must be refused, one fault each, and
expected.tsv (name, part of the message).  Python's standard library only; usage: hostile_formats.py"""
import json
import os
import shutil
import struct
import zlib

ROOT = os.path.join(os.path.dirname(__file__), "..", "..", "tests", "hostile")


class Cases:
    def __init__(self, folder):
        self.folder, self.rows = os.path.join(ROOT, folder), []
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)

    def put(self, name, data):
        with open(os.path.join(self.folder, name), "wb") as f:
            f.write(data)

    def add(self, name, data, message):
        self.put(name, data)
        assert all(name != r[0] for r in self.rows), name
        self.rows.append((name, message))

    def close(self):
        self.put("expected.tsv", "".join(f"{n}\t{m}\n" for n, m in self.rows).encode())
        print(self.folder.split("/")[-1], len(self.rows), len({m for _, m in self.rows}))


# ---- safetensors

def st(header, data=b"", length=None):
    if not isinstance(header, bytes):
        header = header.encode() if isinstance(header, str) else json.dumps(header).encode()
    return struct.pack("<Q", len(header) if length is None else length) + header + data


def entry(shape, begin, end, dtype="U8"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def safetensors():
    c = Cases("safetensors")
    one = {"a": entry([4], 0, 4)}

    def raw(text, data=b"1234"):
        return st('{"a":' + text + "}", data)

    fields = '{"dtype":"U8","shape":%s,"data_offsets":%s}'
    c.add("empty", b"", "is empty")
    c.add("seven_bytes", b"\x02\0\0\0\0\0\0", "not a weight file of a known form")
    c.add("header_longer_than_file", st(one, b"1234", 1 << 20), "the header claims 1048576 bytes")
    c.add("header_2_64_minus_8", st(one, b"1234", 2**64 - 8), "the header claims 18446744073709551608 bytes")
    c.add("header_2_64_minus_1", st(one, b"1234", 2**64 - 1), "the header claims 18446744073709551615 bytes")
    c.add("header_over_100_mb", st(one, b"1234", 100000001), "the header claims 100000001 bytes")
    c.add("header_length_zero", st(one, b"1234", 0), "the header does not begin with")
    c.add("header_of_one_byte", st(one, b"1234", 1), "the header does not begin with")
    c.add("header_is_a_list", st("[]"), "not a weight file of a known form")
    c.add("header_bom", st(b"\xef\xbb\xbf{}"), "not a weight file of a known form")
    c.add("header_cut", st('{"a":{"dtype":"U8"'), "JSON text ends")
    c.add("header_two_values", st("{} {}"), "JSON")
    c.add("header_trailing_comma", st('{"a":' + json.dumps(one["a"]) + ",}", b"1234"), "JSON")
    c.add("header_comment", st('{/*x*/}'), "JSON")
    c.add("deep_json", st('{"__metadata__":' + '{"a":' * 5 + "1" + "}" * 6), "metadata \"a\" is not a string")
    c.add("deep_json_in_shape", raw(fields % ("[[[[4]]]]", "[0,4]")), "is not a count")
    c.add("deep_json_100000", st('{"a":{"shape":' + "[" * 100000), "is not a count")
    c.add("nan_offset", raw(fields % ("[4]", "[NaN,4]")), "JSON: a value expected")
    c.add("infinite_offset", raw(fields % ("[4]", "[0,1e999]")), "too large for a double")
    c.add("offset_1_5", raw(fields % ("[4]", "[0,4.5]")), "a data offset of tensor \"a\" is not a position")
    c.add("offset_4e0", raw(fields % ("[4]", "[0,4e0]")), "a data offset of tensor \"a\" is not a position")
    c.add("offset_negative", raw(fields % ("[4]", "[-4,0]")), "a data offset of tensor \"a\" is not a position")
    c.add("offset_2_64", raw(fields % ("[4]", "[0,18446744073709551616]")), "is not a position")
    c.add("offset_string", raw(fields % ("[4]", '["0",4]')), "expected")
    c.add("offsets_three", raw(fields % ("[4]", "[0,2,4]")), "expected")
    c.add("offsets_one", raw(fields % ("[4]", "[4]")), "expected")
    c.add("begin_after_end", st({"a": entry([4], 4, 0)}, b"1234"), "tensor \"a\" ends before it begins")
    c.add("beyond_end", st({"a": entry([4], 2, 6)}, b"1234"), "tensor \"a\" lies beyond the end of the file")
    c.add("shape_product_wraps", st({"a": entry([4194305, 4194305, 211106198978564], 0, 4)}, b"1234"),
          "has a shape whose size overflows")
    c.add("shape_bytes_wrap", st({"a": entry([2**61], 0, 0, "F64")}), "has a shape whose size overflows")
    c.add("shape_larger_than_bytes", st({"a": entry([1024, 1024], 0, 4, "F32")}, b"1234"),
          "has a shape that does not fit its bytes")
    c.add("shape_smaller_than_bytes", st({"a": entry([3], 0, 4)}, b"1234"), "has a shape that does not fit its bytes")
    c.add("dimension_negative", raw(fields % ("[-4]", "[0,4]")), "a dimension of tensor \"a\" is not a count")
    c.add("dimension_4_0", raw(fields % ("[4.0]", "[0,4]")), "a dimension of tensor \"a\" is not a count")
    c.add("dimension_string", raw(fields % ('["4"]', "[0,4]")), "a dimension of tensor \"a\" is not a count")
    c.add("dimension_2_63", raw(fields % ("[9223372036854775808]", "[0,4]")), "is not a count")
    c.add("rank_17", st({"a": entry([1] * 17, 0, 1)}, b"1"), "has more than 16 dimensions")
    c.add("shape_not_a_list", raw(fields % ("4", "[0,4]")), "expected")
    c.add("duplicate_name", st('{"a":%s,"a":%s}' % ((json.dumps(one["a"]),) * 2), b"1234"),
          "tensor \"a\" appears twice")
    c.add("duplicate_name_escaped", st('{"a":%s,"\\u0061":%s}' % (json.dumps(one["a"]), json.dumps(entry([0], 4, 4))),
                                      b"1234"), "tensor \"a\" appears twice")
    c.add("duplicate_field", raw('{"dtype":"U8","dtype":"F32","shape":[4],"data_offsets":[0,4]}'),
          "tensor \"a\" has \"dtype\" twice")
    c.add("overlap", st({"a": entry([4], 0, 4), "b": entry([4], 2, 6)}, b"123456"), "overlaps another tensor")
    c.add("same_bytes_twice", st({"a": entry([4], 0, 4), "b": entry([4], 0, 4)}, b"1234"), "overlaps another tensor")
    c.add("empty_tensor_inside_another", st({"a": entry([4], 0, 4), "b": entry([0], 2, 2)}, b"1234"),
          "tensor \"b\" overlaps another tensor")
    c.add("hole", st({"a": entry([2], 0, 2), "b": entry([2], 4, 6)}, b"123456"), "tensor \"b\" leaves a hole before it")
    c.add("hole_at_start", st({"a": entry([4], 4, 8)}, b"12345678"), "tensor \"a\" leaves a hole before it")
    c.add("bytes_after_the_end", st(one, b"12345"), "1 bytes after the last tensor")
    c.add("polyglot_zip", st(one, b"1234PK\5\6" + bytes(18)), "22 bytes after the last tensor")
    c.add("no_tensors_but_bytes", st({}, b"1234"), "4 bytes after the last tensor")
    c.add("unknown_dtype", st({"a": entry([4], 0, 4, "F8_E4M3")}, b"1234"), "has the unknown dtype \"F8_E4M3\"")
    c.add("lower_case_dtype", st({"a": entry([4], 0, 4, "u8")}, b"1234"), "has the unknown dtype \"u8\"")
    c.add("dtype_number", raw('{"dtype":7,"shape":[4],"data_offsets":[0,4]}'), "expected")
    c.add("no_dtype", raw('{"shape":[4],"data_offsets":[0,4]}'), "tensor \"a\" has no \"dtype\"")
    c.add("no_shape", raw('{"dtype":"U8","data_offsets":[0,4]}'), "tensor \"a\" has no \"shape\"")
    c.add("no_offsets", raw('{"dtype":"U8","shape":[4]}'), "tensor \"a\" has no \"data_offsets\"")
    c.add("unknown_field", raw('{"dtype":"U8","shape":[4],"data_offsets":[0,4],"x":1}'), "has the unknown field \"x\"")
    c.add("entry_not_an_object", raw("[]"), "expected")
    c.add("lone_surrogate", st('{"\\ud800":%s}' % json.dumps(one["a"]), b"1234"), "lone high surrogate")
    c.add("low_surrogate", st('{"\\udc00":%s}' % json.dumps(one["a"]), b"1234"), "lone low surrogate")
    c.add("nul_in_name", st('{"a\\u0000b":%s}' % json.dumps(one["a"]), b"1234"), "\\u0000 in a string")
    c.add("escape_in_name", st('{"a\\u001b[2J":%s}' % json.dumps(one["a"]), b"1234"),
          "a tensor name holds a control character")
    c.add("name_not_utf8", st(b'{"a\xff":' + json.dumps(one["a"]).encode() + b"}", b"1234"),
          "a tensor name holds bytes that are not UTF-8")
    c.add("name_overlong_utf8", st(b'{"\xc0\xaf":' + json.dumps(one["a"]).encode() + b"}", b"1234"),
          "a tensor name holds bytes that are not UTF-8")
    c.add("name_1025_bytes", st({"n" * 1025: one["a"]}, b"1234"), "a tensor name of 1025 bytes is too long")
    c.add("metadata_number", st('{"__metadata__":{"a":1}}'), "metadata \"a\" is not a string")
    c.add("metadata_duplicate", st('{"__metadata__":{"a":"1","a":"2"}}'), "metadata key \"a\" appears twice")
    c.add("metadata_twice", st('{"__metadata__":{},"__metadata__":{}}'), "\"__metadata__\" appears twice")
    c.add("metadata_list", st('{"__metadata__":[]}'), "expected")
    c.add("metadata_is_a_tensor", st({"__metadata__": entry([4], 0, 4)}, b"1234"), "metadata \"shape\" is not a string")
    c.add("metadata_not_utf8", st(b'{"__metadata__":{"a":"\xff"},"a":' + json.dumps(one["a"]).encode() + b"}", b"1234"),
          "metadata \"a\" is not UTF-8")
    c.add("metadata_key_not_utf8", st(b'{"__metadata__":{"\xc0\xaf":"x"}}'), "a metadata key is not UTF-8")
    c.add("shape_wraps_to_zero", st({"a": entry([2**32, 2**32], 0, 0)}), "has a shape whose size overflows")
    c.add("shape_null", raw('{"dtype":"U8","shape":null,"data_offsets":[0,4]}'), "JSON: an array expected, null found")
    c.add("dtype_null", raw('{"dtype":null,"shape":[4],"data_offsets":[0,4]}'), "JSON: a string expected, null found")
    c.add("dtype_5000_bytes", st({"a": entry([4], 0, 4, "F" * 5000)}, b"1234"), "has the unknown dtype \"FFFF")
    c.add("dtype_half_a_byte", st({"a": entry([8], 0, 4, "F4")}, b"1234"), "has the unknown dtype \"F4\"")
    header = json.dumps(one).encode()
    c.add("header_longer_by_one", st(header, b"", len(header) + 1), f"the header claims {len(header) + 1} bytes")
    c.add("header_takes_the_data", st(header, b"    ", len(header) + 4), "tensor \"a\" lies beyond the end of the file")
    c.add("header_leading_blank", st(b" " + header, b"1234"), "not a weight file of a known form")
    c.add("two_files", st(one, b"1234") * 2, f"{len(header) + 12} bytes after the last tensor")
    c.close()


# ---- index.json

def index():
    c = Cases("index")
    c.put("part-a.safetensors", st({"a": entry([1], 0, 1)}, b"1"))
    c.put("part-b.safetensors", st({"b": entry([1], 0, 1)}, b"1"))
    c.put("part-ab.safetensors", st({"a": entry([1], 0, 1), "b": entry([1], 1, 2)}, b"12"))

    def add(name, weight_map, message):
        text = weight_map if isinstance(weight_map, str) else json.dumps({"weight_map": weight_map})
        c.add(name + ".json", text.encode(), message)

    plain = "is not a plain file name"
    add("climbs_out", {"a": "../../x"}, f"the shard \"../../x\" {plain}")
    add("absolute", {"a": "/etc/passwd"}, f"the shard \"/etc/passwd\" {plain}")
    add("sub_folder", {"a": "sub/part-a.safetensors"}, plain)
    add("backslash", {"a": "..\\part-a.safetensors"}, plain)
    add("percent", {"a": "%2e%2e%2fpart-a.safetensors"}, plain)
    add("hidden", {"a": ".part"}, f"the shard \".part\" {plain}")
    add("dot_dot", {"a": ".."}, f"the shard \"..\" {plain}")
    add("no_name", {"a": ""}, f"the shard \"\" {plain}")
    add("name_256", {"a": "n" * 256}, plain)
    add("name_255_missing", {"a": "n" * 255}, "is missing")
    add("url", {"a": "https://example.org/x.safetensors"}, plain)
    add("blank_in_name", {"a": "part a.safetensors"}, plain)
    add("shard_missing", {"a": "part-c.safetensors"}, "the shard part-c.safetensors is missing")
    add("tensor_missing", {"a": "part-a.safetensors", "z": "part-b.safetensors", "b": "part-b.safetensors"},
        "tensor \"z\" is not in the shard that the index names")
    add("tensor_elsewhere", {"a": "part-b.safetensors", "b": "part-a.safetensors"},
        "tensor \"a\" is not in the shard that the index names")
    add("tensor_extra", {"a": "part-ab.safetensors"}, "tensor \"b\" is not in the index")
    add("tensor_in_two_shards", {"a": "part-a.safetensors", "b": "part-ab.safetensors"}, "tensor \"a\" appears twice")
    add("mapped_twice", '{"weight_map":{"a":"part-a.safetensors","a":"part-b.safetensors"}}',
        "tensor \"a\" is mapped twice")
    add("two_weight_maps", '{"weight_map":{"a":"part-a.safetensors"},"weight_map":{}}', "\"weight_map\" appears twice")
    add("no_weight_map", '{"metadata":{"total_size":1}}', "no \"weight_map\"")
    add("empty_weight_map", {}, "\"weight_map\" is empty")
    add("shard_number", '{"weight_map":{"a":1}}', "the shard of tensor \"a\" is not a string")
    add("shard_list", '{"weight_map":{"a":["part-a.safetensors"]}}', "the shard of tensor \"a\" is not a string")
    add("brace_in_both_places", '{"abcd":{}}', "no \"weight_map\"")
    add("map_is_a_list", '{"weight_map":["a"]}', "expected")
    add("index_of_index", {"a": "climbs_out.json"}, "climbs_out.json looks like JSON text")
    add("two_values", '{"weight_map":{"a":"part-a.safetensors"}}{}', "JSON")
    add("deep_metadata", '{"metadata":' + '{"a":' * 100 + "1" + "}" * 100 + "}", "nested deeper than 8 levels")
    add("nul_in_tensor", '{"weight_map":{"a\\u0000":"part-a.safetensors"}}', "\\u0000 in a string")
    add("long_tensor_name", {"n" * 1025: "part-a.safetensors"}, "a tensor name of 1025 bytes is too long")
    add("cut", '{"weight_map":{"a":"part-a.saf', "a string without an end")
    os.makedirs(os.path.join(c.folder, "folder.safetensors"))
    c.put("folder.safetensors/keep", b"")
    add("shard_is_a_folder", {"a": "folder.safetensors"}, "the shard folder.safetensors is a folder, not a file")
    add("itself", {"a": "itself.json"}, "itself.json looks like JSON text")
    add("shard_null", {"a": None}, "the shard of tensor \"a\" is not a string")
    add("map_null", '{"weight_map":null}', "JSON: an object expected, null found")
    add("name_nul", '{"weight_map":{"a":"part-a.safetensors\\u0000.pt"}}', "\\u0000 in a string")
    add("name_unicode_dots", {"a": "\u2025\u2215x"}, plain)
    add("total_size_nan", '{"metadata":{"total_size":NaN},"weight_map":{"a":"part-a.safetensors"}}', "JSON: a value expected")
    add("metadata_twice", '{"metadata":{},"metadata":{},"weight_map":{"a":"part-a.safetensors"}}',
        "\"metadata\" appears twice")
    add("metadata_key_twice", '{"metadata":{"total_size":1,"total_size":2},"weight_map":{"a":"part-a.safetensors"}}',
        "metadata key \"total_size\" appears twice")
    add("metadata_number", '{"metadata":1,"weight_map":{"a":"part-a.safetensors"}}', "JSON: an object expected, a number found")
    add("deep_100000", '{"x":' + "[" * 100000, "nested deeper than 8 levels")
    add("tensor_nameless", {"a": "part-a.safetensors", "": "part-a.safetensors"}, "tensor \"\" is not in the shard")
    c.add("tensor_not_utf8.json", b'{"weight_map":{"\xff":"part-a.safetensors"}}', "a tensor name holds bytes that are not UTF-8")
    c.add("value_not_utf8.json", b'{"metadata":{"a":"\xff"},"weight_map":{"a":"part-a.safetensors"}}', "metadata \"a\" is not UTF-8")
    c.close()


# ---- zip

class Zip:
    """An archive whose every field can be wrong.  Entries: name, data and overrides of the fields below."""

    def __init__(self):
        self.body, self.central, self.n, self.starts = b"", b"", 0, []

    def add(self, name, data, local=None, method=0, packed=None, **central):
        name = name if isinstance(name, bytes) else name.encode()
        packed = data if packed is None else packed
        both = dict(flags=0, method=method, crc=zlib.crc32(data), csize=len(packed), usize=len(data), name=name,
                    extra=b"", made=0, disk=0, mode=0, at=len(self.body), after=b"")
        assert set(central) <= set(both) and set(local or {}) <= set(both)
        cen = {**both, **central}
        loc = {**both, **{k: v for k, v in central.items() if k in ("flags", "method")}, **(local or {})}
        self.starts.append(len(self.body))
        self.body += struct.pack("<IHHHHHIIIHH", 0x04034b50, 20, loc["flags"], loc["method"], 0, 0, loc["crc"],
                                 loc["csize"], loc["usize"], len(loc["name"]), len(loc["extra"]))
        self.body += loc["name"] + loc["extra"] + packed + loc["after"]
        self.directory(cen)
        return self

    def directory(self, c):
        self.n += 1
        self.central += struct.pack("<IBBHHHHHIIIHHHHHII", 0x02014b50, 20, c["made"], 20, c["flags"], c["method"], 0, 0,
                                    c["crc"], c["csize"], c["usize"], len(c["name"]), len(c["extra"]), 0, c["disk"], 0,
                                    c["mode"], c["at"]) + c["name"] + c["extra"]

    def end(self, comment=b"", before=b"", **o):
        f = dict(disk=0, here=self.n, n=self.n, size=len(self.central), at=len(self.body))
        f.update(o)
        return self.body + self.central + before + struct.pack("<IHHHHIIH", 0x06054b50, f["disk"], 0, f["here"], f["n"],
                                                              f["size"], f["at"], len(comment)) + comment


def end64(z, n=None, size=None, at=None, where=None):
    e = struct.pack("<IQHHIIQQQQ", 0x06064b50, 44, 45, 45, 0, 0, z.n if n is None else n, z.n if n is None else n,
                    len(z.central) if size is None else size, len(z.body) if at is None else at)
    return e + struct.pack("<IIQI", 0x07064b50, 0, len(z.body) + len(z.central) if where is None else where, 1)


def deflate(data):
    d = zlib.compressobj(9, zlib.DEFLATED, -15)
    return d.compress(data) + d.flush()


def zips():
    c = Cases("zip")
    x = b"some bytes of x, some bytes of x"
    z = lambda: Zip()
    good = z().add("x", x).end()
    c.add("no_end.zip", good[:-1], "has no end record")
    c.add("too_short.zip", b"PK\3\4", "is too short")
    c.add("two_ends.zip", z().add("x", x).end(comment=z().end()), "has two end records")
    c.add("garbage_after_end.zip", good + b"x", "has no end record")
    c.add("several_disks.zip", z().add("x", x).end(disk=1), "is split over several disks")
    c.add("entries_on_other_disk.zip", z().add("x", x).end(here=0), "is split over several disks")
    c.add("entry_on_other_disk.zip", z().add("x", x, disk=1).end(), "is split over several disks")
    c.add("directory_outside.zip", z().add("x", x).end(at=1 << 30), "has a directory outside the file")
    c.add("directory_too_long.zip", z().add("x", x).end(size=1 << 30), "has a directory outside the file")
    c.add("too_many_entries.zip", z().add("x", x).end(n=9, here=9), "claims more entries than its directory can hold")
    c.add("fewer_entries.zip", z().add("y", x).add("x", x).end(n=1, here=1), "bytes in its directory that no entry owns")
    c.add("directory_signature.zip", good.replace(b"PK\1\2", b"PK\1\3"), "a directory entry has the wrong signature")
    c.add("local_signature.zip", good.replace(b"PK\3\4", b"PK\3\5"), "has no local header where the directory says")
    c.add("no_local_header.zip", z().add("x", x, at=4).end(), "has no local header where the directory says")
    c.add("header_far_outside.zip", z().add("x", x, at=0xfffffff0).end(), "an offset points behind the end: 4294967280")
    c.add("other_local_name.zip", z().add("x", x, local={"name": b"y"}).end(), "has another name in its local header")
    c.add("longer_local_name.zip", z().add("x", x, local={"name": b"xx"}).end(), "has another name in its local header")
    c.add("other_local_flags.zip", z().add("x", x, local={"flags": 0x800}).end(), "has other flags or another method")
    c.add("other_local_method.zip", z().add("x", x, local={"method": 8}).end(), "has other flags or another method")
    c.add("other_local_size.zip", z().add("x", x, local={"usize": 5}).end(), "a local header that disagrees")
    c.add("other_local_packed.zip", z().add("x", x, local={"csize": 5}).end(), "a local header that disagrees")
    c.add("other_local_crc.zip", z().add("x", x, local={"crc": 5}).end(), "a local header that disagrees")
    c.add("zero_local_size.zip", z().add("x", x, local={"usize": 0, "csize": 0}).end(), "a local header that disagrees")
    c.add("descriptor_missing.zip", z().add("x", x, flags=8).end(), "has a data descriptor that disagrees")
    c.add("descriptor_crc.zip", z().add("x", x, flags=8, local={"after": b"PK\7\x08" + struct.pack("<III", 1, 32, 32)})
          .end(), "has a data descriptor that disagrees")
    c.add("descriptor_size.zip", z().add("x", x, flags=8, local={"after": b"PK\7\x08" + struct.pack(
        "<III", zlib.crc32(x), 32, 33)}).end(), "has a data descriptor that disagrees")
    c.add("checksum.zip", z().add("x", x, local={"crc": 77}, crc=77).end(), "is damaged: its checksum is wrong")
    c.add("encrypted.zip", z().add("x", x, flags=1).end(), "zip entry \"x\" is encrypted")
    c.add("strongly_encrypted.zip", z().add("x", x, flags=0x41).end(), "zip entry \"x\" is encrypted")
    c.add("masked.zip", z().add("x", x, flags=0x2000).end(), "zip entry \"x\" is encrypted")
    c.add("unknown_flags.zip", z().add("x", x, flags=0x20).end(), "has unknown flags")
    c.add("symlink.zip", z().add("x", x, made=3, mode=0o120777 << 16).end(), "zip entry \"x\" is a symbolic link")
    c.add("absolute.zip", z().add("/x", x).end(), "has an absolute path as its name")
    c.add("drive.zip", z().add("C:x", x).end(), "has an absolute path as its name")
    c.add("backslash.zip", z().add("a\\x", x).end(), "has an absolute path as its name")
    c.add("climbs_out.zip", z().add("../x", x).end(), "climbs out of the archive")
    c.add("climbs_out_later.zip", z().add("a/../../x", x).end(), "climbs out of the archive")
    c.add("climbs_out_at_end.zip", z().add("a/..", x).end(), "climbs out of the archive")
    c.add("no_name.zip", z().add("", x).end(), "has an empty, overlong or cut name")
    c.add("name_1025.zip", z().add("n" * 1025, x).end(), "has an empty, overlong or cut name")
    c.add("nul_in_name.zip", z().add("x\0y", x).end(), "has an empty, overlong or cut name")
    c.add("duplicate.zip", z().add("x", x).add("x", b"other").end(), "zip entry \"x\" appears twice")
    c.add("method_12.zip", z().add("x", x, method=12).end(), "is packed with an unknown method")
    c.add("stored_two_sizes.zip", z().add("x", x, usize=40, local={"usize": 40}).end(), "is stored but has two sizes")
    c.add("ratio.zip", z().add("x", b"1" * 70000, method=8, packed=deflate(b"1" * 70000)[:20]).end(),
          "claims to unpack to more than deflate can")
    c.add("bomb_4_gib.zip", z().add("x", x, method=8, packed=deflate(x), usize=0xfffffffe,
                                   local={"usize": 0xfffffffe}).end(), "claims to unpack to more than deflate can")
    c.add("too_large_for_caller.zip", z().add("x", b"1" * 1048577, method=8, packed=deflate(b"1" * 1048577)).end(),
          "zip entry \"x\" is too large")
    c.add("unpacks_to_more.zip", z().add("x", x, method=8, packed=deflate(x + x)).end(),
          "does not unpack to what it claims")
    c.add("unpacks_to_less.zip", z().add("x", x, method=8, packed=deflate(x[:9])).end(),
          "does not unpack to what it claims")
    c.add("bytes_after_deflate.zip", z().add("x", x, method=8, packed=deflate(x) + b"more").end(),
          "does not unpack to what it claims")
    c.add("deflate_cut.zip", z().add("x", x, method=8, packed=deflate(x)[:-3]).end(), "does not unpack to what it claims")
    c.add("deflate_garbage.zip", z().add("x", x, method=8, packed=b"\xff" * 20).end(), "then damage")
    c.add("beyond_end.zip", z().add("x", x, csize=500, usize=500, local={"csize": 500, "usize": 500}).end(),
          "reaches beyond the end of the file")
    c.add("into_directory.zip", z().add("x", x, csize=40, usize=40, local={"csize": 40, "usize": 40}).end(),
          "overlaps the directory")
    inner = z().add("y", x)
    outer = z().add("x", inner.body)
    outer.directory(dict(flags=0, method=0, crc=zlib.crc32(x), csize=len(x), usize=len(x), name=b"y", extra=b"", made=0,
                         disk=0, mode=0, at=31))
    c.add("overlap.zip", outer.end(), "zip entry \"x\" overlaps another entry")
    kernel = z().add("x", deflate(b"0" * 500), method=8, packed=deflate(b"0" * 500))
    for _ in range(50):
        kernel.directory(dict(flags=0, method=8, crc=0, csize=10, usize=500, name=b"x", extra=b"", made=0, disk=0, mode=0,
                              at=0))
    c.add("overlap_bomb.zip", kernel.end(), "a local header that disagrees")
    huge = struct.pack("<HHQQ", 1, 16, 2**63, 2**63)
    c.add("zip64_size_2_63.zip", z().add("x", x, csize=0xffffffff, usize=0xffffffff, extra=huge, local=dict(
        csize=0xffffffff, usize=0xffffffff, extra=huge)).end(), "reaches beyond the end of the file")
    c.add("zip64_header_2_64.zip", z().add("x", x, at=0xffffffff, extra=struct.pack("<HHQ", 1, 8, 2**64 - 1)).end(),
          "an offset points behind the end: 18446744073709551615")
    c.add("zip64_short.zip", z().add("x", x, usize=0xffffffff, csize=0xffffffff,
                                    extra=struct.pack("<HHQ", 1, 8, 32)).end(), "the file ends too early")
    c.add("zip64_only_central.zip", z().add("x", x, usize=0xffffffff, extra=struct.pack("<HHQ", 1, 8, 99)).end(),
          "is stored but has two sizes")
    c.add("extra_too_long.zip", z().add("x", x, extra=struct.pack("<HH", 7, 99)).end(),
          "a zip extra field is longer than its header says")
    t = z().add("x", x)
    c.add("zip64_nowhere.zip", t.end(before=end64(t, where=3)), "has a zip64 locator that points nowhere")
    c.add("zip64_disagrees.zip", t.end(before=end64(t, n=2)), "has two end records that disagree")
    c.add("zip64_missing.zip", t.end(n=0xffff, here=0xffff), "needs a zip64 end record and has none")
    c.add("zip64_entries_2_63.zip", t.end(n=0xffff, here=0xffff, before=end64(t, n=2**63)),
          "claims more entries than its directory can hold")
    c.add("zip64_directory_wraps.zip", t.end(at=0xffffffff, size=0xffffffff, before=end64(t, at=2**64 - 8, size=16)),
          "has a directory outside the file")
    c.add("no_such_member.zip", z().add("y", x).end(), "no \"x\" in this archive")
    c.close()


# ---- pickle

class P:
    """Pickle opcodes by name, as bytes."""
    NONE, TRUE, FALSE, MARK, STOP = b"N", b"\x88", b"\x89", b"(", b"."
    REDUCE, NEWOBJ, BUILD, PERSID = b"R", b"\x81", b"b", b"Q"
    DICT, LIST, TUPLE0 = b"}", b"]", b")"
    SETITEM, SETITEMS, APPEND, APPENDS = b"s", b"u", b"a", b"e"


def s(text):
    text = text if isinstance(text, bytes) else text.encode()
    return b"X" + struct.pack("<I", len(text)) + text


def i(n):
    if 0 <= n < 256:
        return b"K" + bytes([n])
    if -2**31 <= n < 2**31:
        return b"J" + struct.pack("<i", n)
    size = (n.bit_length() + 8) // 8
    return b"\x8a" + bytes([size]) + n.to_bytes(size, "little", signed=True)


def g(module, name):
    return b"c" + module.encode() + b"\n" + name.encode() + b"\n"


def tup(*items):
    return P.MARK + b"".join(items) + b"t"


def storage(kind="FloatStorage", key="0", n=4, place="cpu", extra=b""):
    return tup(s("storage"), g("torch", kind), s(key), s(place), i(n) if isinstance(n, int) else n, extra) + P.PERSID


def tensor(store=None, offset=0, shape=(4,), stride=(1,)):
    hooks = g("collections", "OrderedDict") + P.TUPLE0 + P.REDUCE
    number = lambda v: i(v) if isinstance(v, int) else v
    return g("torch._utils", "_rebuild_tensor_v2") + tup(
        storage() if store is None else store, number(offset), tup(*map(number, shape)), tup(*map(number, stride)),
        P.FALSE, hooks) + P.REDUCE


def weights(value, key=None):
    return P.DICT + P.MARK + (s("w") if key is None else key) + value + P.SETITEMS


def prog(body):
    return b"\x80\2" + body + P.STOP


def pt(pickle, records=(("0", struct.pack("<4f", 1, 2, 3, 4)),), **more):
    z = Zip().add("m/data.pkl", pickle).add("m/byteorder", more.get("order", b"little"))
    for key, data in records:
        z.add("m/data/" + key, data)
    for name, data in more.get("also", ()):
        z.add(name, data)
    return z.end()


def pickles():
    c = Cases("pickle")

    def add(name, body, message):
        c.add(name + ".pt", pt(prog(body)), message)

    def raw(name, pickle, message):
        c.add(name + ".pt", pt(pickle), message)

    no_weights = "which no weights need"
    for module, name in (("os", "system"), ("posix", "system"), ("nt", "system"), ("subprocess", "Popen"),
                         ("builtins", "eval"), ("__builtin__", "getattr"), ("importlib", "import_module"),
                         ("torch", "load"), ("torch.hub", "load"), ("numpy.core.multiarray", "_reconstruct"),
                         ("torchvision.models.resnet", "ResNet"), ("copyreg", "_reconstructor")):
        add(f"global_{module}_{name}".replace(".", "_"), g(module, name) + tup(s("echo hello")) + P.REDUCE,
            f"the pickle names {module}.{name}, {no_weights}")
    add("global_dotted", g("torch._utils", "_rebuild_tensor_v2.__globals__"), no_weights)
    add("global_empty", g("", ""), no_weights)
    add("global_long", g("m" * 300, "x"), "the pickle names something of more than 255 bytes")
    raw("global_cut", b"\x80\2ctorch", "the file ends too early")
    add("reduce_on_string", s("os.system") + P.TUPLE0 + P.REDUCE, "calls something that is not a name")
    add("reduce_storage_type", g("torch", "FloatStorage") + P.TUPLE0 + P.REDUCE, "calls torch.FloatStorage with arguments")
    add("reduce_no_tuple", g("collections", "OrderedDict") + s("x") + P.REDUCE, "calls OrderedDict without a short tuple")
    add("reduce_9_arguments", g("torch._utils", "_rebuild_tensor_v2") + tup(*[P.NONE] * 9) + P.REDUCE,
        "calls _rebuild_tensor_v2 without a short tuple")
    add("reduce_few_arguments", g("torch._utils", "_rebuild_tensor_v2") + tup(P.NONE) + P.REDUCE,
        "calls torch._utils._rebuild_tensor_v2 with arguments that it does not take")
    add("parameter_of_string", g("torch._utils", "_rebuild_parameter") + tup(s("x"), P.TRUE, P.NONE) + P.REDUCE,
        "calls torch._utils._rebuild_parameter with arguments")
    add("dict_of_string", g("collections", "OrderedDict") + tup(s("ab")) + P.REDUCE, "not a list")
    add("dict_of_triples", g("collections", "OrderedDict") + tup(P.LIST + tup(i(1), i(2), i(3)) + P.APPEND) + P.REDUCE,
        "not a pair")
    add("dict_of_strings", g("collections", "OrderedDict") + tup(P.LIST + s("ab") + P.APPEND) + P.REDUCE, "not a pair")
    add("size_of_string", g("torch", "Size") + tup(s("x")) + P.REDUCE, "calls torch.Size with arguments")
    add("setitem_on_list", P.LIST + s("w") + i(1) + P.SETITEM, "adds items to something that is not a dict")
    add("setitem_on_tensor", tensor() + s("w") + i(1) + P.SETITEM, "adds items to something that is not a dict")
    add("setitems_on_string", s("x") + P.MARK + s("w") + i(1) + P.SETITEMS, "adds items to something that is not a dict")
    add("append_on_dict", P.DICT + i(1) + P.APPEND, "adds items to something that is not a list")
    add("appends_on_tuple", P.TUPLE0 + P.MARK + i(1) + P.APPENDS, "adds items to something that is not a list")
    add("setitems_odd", P.DICT + P.MARK + s("w") + P.SETITEMS, "sets a dict key without a value")
    add("setitems_nothing_below", P.MARK + s("w") + i(1) + P.SETITEMS, "adds items to something that is not a dict")
    add("build_on_list", P.LIST + P.DICT + P.BUILD, "sets attributes of something that is not a dict")
    add("build_on_tensor", tensor() + P.DICT + P.BUILD, "sets attributes of something that is not a dict")
    add("build_with_tuple", P.DICT + P.TUPLE0 + P.BUILD, "sets attributes of something that is not a dict")
    add("build_self", g("argparse", "Namespace") + P.TUPLE0 + P.NEWOBJ + b"q\0h\0" + P.BUILD, "adds a dict to itself")
    add("marks_65", P.MARK * 65, "opens more than 64 marks")
    add("marks_100000", P.MARK * 100000, "opens more than 64 marks")
    add("mark_never_opened", P.DICT + P.SETITEMS, "closes a mark that was never opened")
    add("underflow_reduce", P.REDUCE, "takes a value from an empty stack")
    add("underflow_below_mark", P.DICT + P.MARK + b"q\0", "takes a value from an empty stack")
    add("underflow_tuple3", i(1) + i(2) + b"\x87", "takes a value from an empty stack")
    add("underflow_tuple_below_mark", i(1) + i(2) + P.MARK + i(3) + b"\x86", "takes a value from an empty stack")
    add("underflow_append", P.APPEND, "takes a value from an empty stack")
    add("underflow_setitem", P.DICT + P.SETITEM, "takes a value from an empty stack")
    add("underflow_persid", P.PERSID, "takes a value from an empty stack")
    add("stop_empty", b"", "the pickle stops with 0 values")
    add("stop_two_values", i(1) + i(2), "the pickle stops with 2 values")
    add("stop_in_mark", i(1) + P.MARK, "1 open marks")
    add("memo_2_32_minus_1", i(1) + b"r\xff\xff\xff\xff", "skips from memo 0 to memo 4294967295")
    add("memo_skips", i(1) + b"q\5", "skips from memo 0 to memo 5")
    add("memo_unset", b"h\1", "recalls memo 1, which was never set")
    add("memo_unset_between", i(1) + b"q\1h\0", "recalls memo 0, which was never set")
    add("memo_far", b"j\xff\xff\xff\xff", "recalls memo 4294967295, which was never set")
    add("long1_255_cut", b"\x8a\xff123", "the file ends too early")
    add("long1_255_as_size", weights(tensor(storage(n=b"\x8a\xff" + b"\1" * 255))), "a storage's size is not a count")
    add("binunicode_4_gib", b"X\xff\xff\xff\xffabc", "the file ends too early: 4294967295 bytes wanted")
    add("short_string_cut", b"U\xffabc", "the file ends too early")
    raw("no_stop", b"\x80\2}", "the file ends too early")
    raw("empty", b"", "the file ends too early")
    raw("protocol_6", b"\x80\6}.", "pickle protocol 6 is not one of 2 to 5")
    raw("protocol_1", b"\x80\1}.", "pickle protocol 1 is not one of 2 to 5")
    for code, name in ((b"\x95" + b"\xff" * 8, "FRAME"), (b"\x8d" + b"\xff" * 8, "BINUNICODE8"), (b"\x93", "STACK_GLOBAL"),
                       (b"ios\nsystem\n", "INST"), (b"o", "OBJ"), (b"\x82\1", "EXT1"), (b"2", "DUP"), (b"0", "POP"),
                       (b"S'x'\n", "STRING"), (b"I1\n", "INT"), (b"\x92", "NEWOBJ_EX"), (b"\x94", "MEMOIZE"),
                       (b"P0\n", "PERSID"), (b"\x8c\1x", "SHORT_BINUNICODE"), (b"B\1\0\0\0x", "BINBYTES"),
                       (b"\x8b\xff\xff\xff\x7f", "LONG4"), (b"\x8f", "EMPTY_SET"), (b"\x97", "NEXT_BUFFER")):
        add("opcode_" + name.lower(), i(1) + code, f"pickle opcode {name} (0x{code[0]:02x}) is not read")
    add("opcode_unknown", b"\xff", "pickle opcode unknown (0xff) is not read")
    add("list_inside_itself", P.LIST + b"q\0h\0" + P.APPEND, "appears twice, or inside itself")
    add("dict_inside_itself", P.DICT + b"q\0" + s("a") + b"h\0" + P.SETITEM, "appears twice, or inside itself")
    dag = P.LIST + i(1) + P.APPEND + b"q\0"
    for k in range(1, 50):
        dag = dag + b"q" + bytes([k]) + b"h" + bytes([k]) + b"\x86"
    add("doubling_dag_of_tuples", dag, "appears twice, or inside itself")
    add("nested_65_lists", P.LIST * 65 + P.APPEND * 64, "lists and dicts are nested too deeply")
    add("nested_100000_tuples", P.TUPLE0 + b"\x85" * 100000, "lists and dicts are nested too deeply")
    view = lambda **k: weights(tensor(**k))
    add("view_beyond", view(shape=(5,)), "a tensor reaches beyond its storage")
    add("view_offset_beyond", view(offset=1), "a tensor reaches beyond its storage")
    add("view_offset_far", view(offset=2**62, shape=(1,)), "a tensor reaches beyond its storage")
    add("view_stride_beyond", view(shape=(2, 2), stride=(3, 1)), "a tensor reaches beyond its storage")
    add("view_stride_overflow", view(shape=(3,), stride=(2**62,)), "a tensor's strides overflow")
    add("view_offset_overflow", view(offset=2**63 - 1, shape=(2,), stride=(1,)), "a tensor's strides overflow")
    add("view_stride_sum_overflow", view(shape=(2, 2, 2), stride=(2**62, 2**62, 1)), "a tensor's strides overflow")
    add("view_shape_overflow", view(shape=(2**32, 2**32), stride=(0, 0)), "a tensor's shape overflows")
    add("view_negative_stride", view(stride=(-1,)), "a tensor's stride holds something that is not a count")
    add("view_negative_size", view(shape=(-1,)), "a tensor's shape holds something that is not a count")
    add("view_negative_offset", view(offset=-1), "a tensor's storage offset is not a count")
    add("view_bool_size", view(shape=(P.TRUE,)), "a tensor's shape holds something that is not a count")
    add("view_expanded", view(shape=(1000, 4), stride=(0, 1)), "a tensor has more elements than its storage")
    add("view_expanded_bomb", view(shape=(2**31, 2**31), stride=(0, 0)), "a tensor has more elements than its storage")
    add("view_overlapping", view(shape=(3, 2), stride=(1, 1)), "a tensor has more elements than its storage")
    add("view_rank_17", view(shape=(1,) * 17, stride=(1,) * 17), "a tensor's shape is not a tuple of at most 16 numbers")
    add("view_stride_missing", view(shape=(2, 2), stride=(1,)), "a tensor has 2 dimensions and 1 strides")
    add("view_of_empty", view(store=storage(n=0)), "a tensor reaches beyond its storage")
    add("tensor_on_string", view(store=s("x")), "a tensor is not built on a storage")
    add("tensor_on_tensor", view(store=tensor()), "a tensor is not built on a storage")
    add("storage_two_types", weights(tup(storage(), storage("DoubleStorage"))), "storage \"0\" is described in two ways")
    add("storage_two_sizes", weights(tup(storage(), storage(n=3))), "storage \"0\" is described in two ways")
    add("storage_no_type", weights(tup(s("storage"), s("FloatStorage"), s("0"), s("cpu"), i(4)) + P.PERSID),
        "a storage has no element type")
    add("storage_type_is_a_dict", weights(tup(s("storage"), g("collections", "OrderedDict"), s("0"), s("cpu"), i(4)) +
                                          P.PERSID), "a storage has no element type")
    add("storage_negative", weights(storage(n=-1)), "a storage's size is not a count")
    add("storage_key_long", weights(storage(key="k" * 256)), "a storage's key is not a short string")
    add("storage_key_nul", weights(storage(key="a\0b")), "a storage's key is not a short string")
    add("storage_key_number", weights(tup(s("storage"), g("torch", "FloatStorage"), i(0), s("cpu"), i(4)) + P.PERSID),
        "a storage's key is not a short string")
    add("persid_string", s("0") + P.PERSID, "names an outside object that is no storage")
    add("persid_empty", P.TUPLE0 + P.PERSID, "names an outside object that is no storage")
    add("persid_short", tup(s("storage")) + P.PERSID, "names an outside object that is no storage")
    add("persid_other", tup(s("file"), s("/etc/passwd")) + P.PERSID, "names an outside object that is no storage")
    add("persid_module", tup(s("module"), s("x"), s("model.py"), s("import os")) + P.PERSID,
        "the file holds a whole model with its program")
    add("storage_view_beyond", weights(tensor(storage(extra=tup(s("v"), i(2), i(3))))),
        "a storage's view reaches beyond the storage")
    add("storage_view_negative", weights(tensor(storage(extra=tup(s("v"), i(-1), i(3))))),
        "a storage's view reaches beyond the storage")
    add("storage_view_short", weights(tensor(storage(extra=tup(s("v"), i(1))))),
        "a storage's view is not (key, offset, size)")
    for name, what in (("_rebuild_qtensor", "a quantised tensor"), ("_rebuild_sparse_tensor", "a sparse tensor"),
                       ("_rebuild_tensor_v3", "a tensor of a type that is not read"),
                       ("_rebuild_meta_tensor_no_storage", "a tensor without data")):
        add("foreign" + name, g("torch._utils", name), f"the pickle holds {what}")
    add("complex", weights(storage("ComplexFloatStorage")), "the pickle holds complex numbers")
    add("key_none", weights(tensor(), key=P.NONE), "a dict has a key that is neither text nor number")
    add("key_tensor", weights(tensor(), key=tensor()), "a dict has a key that is neither text nor number")
    add("key_control", weights(tensor(), key=s("a\x1b[2J")), "a tensor name holds a control character")
    add("key_nul", weights(tensor(), key=s("a\0b")), "a tensor name holds a control character")
    add("key_not_utf8", weights(tensor(), key=s(b"\xff")), "a tensor name holds bytes that are not UTF-8")
    add("key_1025", weights(tensor(), key=s("k" * 1025)), "a tensor name of 1025 bytes is too long")
    add("key_twice", P.DICT + P.MARK + (s("w") + tensor()) * 2 + P.SETITEMS, "tensor \"w\" appears twice")
    add("no_tensors", weights(i(1)), "the file holds no tensors")
    add("only_a_number", i(1), "the file holds no tensors")
    add("long_flattened_name", weights(P.LIST + P.LIST + tensor() + P.APPEND + P.APPEND, key=s("k" * 1023)),
        "a tensor name of 1025 bytes is too long")
    c.close()


# ---- whole PyTorch files

MAGIC = b"\x80\2\x8a\x0al\xfc\x9c\x46\xf9 j\xa8P\x19."


def stream(body=None, version=prog(i(1001)), system=None, keys=None, records=None, magic=MAGIC):
    system = prog(weights(P.TRUE, s("little_endian"))) if system is None else system
    keys = prog(P.LIST + s("0") + P.APPEND) if keys is None else keys
    records = struct.pack("<q4f", 4, 1, 2, 3, 4) if records is None else records
    return magic + version + system + prog(weights(tensor()) if body is None else body) + keys + records


def torch_files():
    c = Cases("torch")
    good = prog(weights(tensor()))
    c.add("record_missing.pt", pt(good, ()), "the record of storage \"0\" is missing")
    c.add("record_short.pt", pt(good, (("0", b"1234"),)), "storage \"0\" claims another size than its record has")
    c.add("record_long.pt", pt(good, (("0", bytes(17)),)), "storage \"0\" claims another size than its record has")
    c.add("storage_overflow.pt", pt(prog(weights(tensor(storage("DoubleStorage", n=2**61))))),
          "storage \"0\" has a size that overflows")
    c.add("storage_huge.pt", pt(prog(weights(tensor(storage(n=2**40))))), "claims another size than its record has")
    c.add("record_climbs_out.pt", pt(prog(weights(tensor(storage(key="../data.pkl"))))),
          "the record of storage \"../data.pkl\" is missing")
    z = Zip().add("m/data.pkl", good).add("m/data/0", bytes(16), method=8, packed=deflate(bytes(16)))
    c.add("record_compressed.pt", z.end(), "zip entry \"m/data/0\" is compressed")
    z = Zip().add("m/data.pkl", good, method=8, packed=deflate(good)).add("m/data/0", bytes(16))
    c.add("pickle_compressed.pt", z.end(), "zip entry \"m/data.pkl\" is compressed")
    z = Zip().add("m/data.pkl", good).add("m/data/0", bytes(16), crc=5, local={"crc": 5})
    c.add("record_damaged.pt", z.end(), "zip entry \"m/data/0\" is damaged")
    z = Zip().add("m/data.pkl", good, crc=5, local={"crc": 5}).add("m/data/0", bytes(16))
    c.add("pickle_damaged.pt", z.end(), "zip entry \"m/data.pkl\" is damaged")
    c.add("big_endian.pt", pt(good, order=b"big"), "saved on a big-endian computer")
    c.add("torchscript.pt", pt(good, also=[("m/constants.pkl", b"x"), ("m/code/m.py", b"x")]), "a TorchScript program")
    c.add("two_pickles.pt", pt(good, also=[("n/data.pkl", good)]), "holds two data.pkl")
    c.add("no_pickle.pt", Zip().add("m/readme", b"x").end(), "holds no data.pkl")
    c.add("empty_zip.pt", Zip().end(), "holds no data.pkl")
    c.add("deep_pickle.pt", Zip().add("a/b/data.pkl", good).end(), "holds no data.pkl")
    c.add("npz.pt", Zip().add("a.npy", b"\x93NUMPY").end(), "looks like a NumPy .npz")
    c.add("keras.pt", Zip().add("model.weights.h5", b"\x89HDF").end(), "looks like a Keras model")
    c.add("wheel.pt", Zip().add("x-1.dist-info/WHEEL", b"x").end(), "is a Python wheel")
    c.add("unsafe_record_missing.pt", pt(prog(g("os", "system") + tup(s("true")) + P.REDUCE), ()), "names os.system")
    c.add("stream_version.pth", stream(version=prog(i(1000))), "the stream's version is not 1001")
    c.add("stream_version_text.pth", stream(version=prog(s("1001"))), "the stream's version is not 1001")
    c.add("stream_no_system.pth", stream(system=prog(i(1))), "does not describe its system")
    c.add("stream_big_endian.pth", stream(system=prog(weights(P.FALSE, s("little_endian")))), "a big-endian computer")
    c.add("stream_unused_key.pth", stream(keys=prog(P.LIST + s("9") + P.APPEND)), "a storage that no tensor uses")
    c.add("stream_key_number.pth", stream(keys=prog(P.LIST + i(0) + P.APPEND)), "a storage that no tensor uses")
    c.add("stream_key_twice.pth", stream(keys=prog(P.LIST + P.MARK + s("0") * 2 + P.APPENDS)), "lists storage \"0\" twice")
    c.add("stream_keys_no_list.pth", stream(keys=prog(s("0"))), "does not list its storages")
    c.add("stream_storage_missing.pth", stream(keys=prog(P.LIST), records=b""), "the bytes of storage \"0\" are missing")
    c.add("stream_size.pth", stream(records=struct.pack("<q5f", 5, *[0] * 5)), "storage \"0\" has another size")
    c.add("stream_size_negative.pth", stream(records=struct.pack("<q", -4)), "storage \"0\" has another size")
    c.add("stream_cut.pth", stream(records=struct.pack("<q3f", 4, 1, 2, 3)), "reaches beyond the end of the file")
    c.add("stream_huge.pth", stream(body=weights(tensor(storage(n=2**60))), records=struct.pack("<q", 2**60)),
          "reaches beyond the end of the file")
    c.add("stream_bytes_after.pth", stream() + b"xyz", "3 bytes after the last storage")
    c.add("stream_only_magic.pth", MAGIC, "the file ends too early")
    c.add("stream_unsafe.pth", stream(body=g("posix", "system") + tup(s("true")) + P.REDUCE), "names posix.system")
    c.add("bare_pickle.pth", prog(P.DICT), "a pickle that torch.save did not write")
    c.add("bare_pickle_protocol_4.pth", b"\x80\4\x95\0\0\0\0\0\0\0\0}.", "a pickle that torch.save did not write")
    tar = b"pickle".ljust(257, b"\0") + b"ustar\0" + bytes(300)
    c.add("first_tar_form.pth", tar, "looks like a tar archive")
    c.close()


if __name__ == "__main__":
    safetensors()
    index()
    zips()
    pickles()
    torch_files()
