"""Writes tests/hostile/{tokenizer,table}: files that must be refused, one fault each, and expected.tsv (name,
part of the message).  Python's standard library only; usage: hostile_text.py"""
import copy
import io
import json
import os
import shutil
import zipfile

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
        if isinstance(data, dict):
            data = json.dumps(data)
        self.put(name, data.encode() if isinstance(data, str) else data)
        assert all(name != r[0] for r in self.rows), name
        self.rows.append((name, message))

    def close(self):
        self.put("expected.tsv", "".join(f"{n}\t{m}\n" for n, m in self.rows).encode())
        print(self.folder.split("/")[-1], len(self.rows), len({m for _, m in self.rows}))


GOOD = {
    "version": "1.0", "truncation": None, "padding": None,
    "added_tokens": [{"id": 0, "content": "[UNK]", "single_word": False, "lstrip": False, "rstrip": False,
                      "normalized": False, "special": True}],
    "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True,
                   "strip_accents": None, "lowercase": True},
    "pre_tokenizer": {"type": "BertPreTokenizer"},
    "post_processor": {"type": "TemplateProcessing",
                       "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
                       "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
                       "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [1], "tokens": ["[CLS]"]}}},
    "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
    "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
              "max_input_chars_per_word": 100, "vocab": {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "a": 3, "##a": 4}},
}


def changed(path, value, good=None):
    """GOOD with one place changed; value ... removes it."""
    d = copy.deepcopy(good or GOOD)
    at = d
    keys = path.split("/")
    for k in keys[:-1]:
        at = at[int(k)] if isinstance(at, list) else at[k]
    if value is ...:
        del at[keys[-1]]
    elif isinstance(at, list):
        at[int(keys[-1])] = value
    else:
        at[keys[-1]] = value
    return d


def raw(old, new):
    text = json.dumps(GOOD)
    assert old in text, old
    return text.replace(old, new, 1)


LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 466062\n" % ("4d7a2146" * 8)


def tokenizer_files(c):
    c.put("good.json", json.dumps(GOOD).encode())
    c.add("empty.json", b"", "the JSON text ends where a value should be")
    c.add("list.json", "[]", "tokenizer.json is not an object")
    c.add("truncated.json", json.dumps(GOOD)[:400], "a string without an end")
    c.add("trailing.json", json.dumps(GOOD) + "{}", "the end of the text expected")
    c.add("bom.json", b"\xef\xbb\xbf" + json.dumps(GOOD).encode(), "a value expected, byte 0xef found")
    c.add("deep.json", raw('"padding": null', '"padding": ' + "[" * 40 + "]" * 40), "nested deeper than 32 levels")
    c.add("deep_100000.json", '{"padding":' + "[" * 100000, "nested deeper than 32 levels")
    c.add("section_twice.json", raw('"version": "1.0"', '"model": {}, "version": "1.0"'), 'tokenizer.json has "model" twice')
    c.add("section_unknown.json", raw('"version"', '"wersion"'), 'tokenizer.json has "wersion", which is not read yet')
    c.add("nan.json", raw(": 100,", ": NaN,"), "a value expected, 'N' found")
    c.add("lone_surrogate.json", raw('"a": 3', '"\\ud800": 3'), "lone high surrogate in a string")
    c.add("nul_escape.json", raw('"a": 3', '"\\u0000": 3'), "\\u0000 in a string is refused")
    c.add("control_character.json", raw('"a": 3', '"\x01": 3'), "control character 0x01 in a string")
    c.add("no_model.json", changed("model", ...), 'there is no "model"')
    for kind in ("Unigram", "WordLevel"):
        model = {"type": kind, "vocab": [["a", -1.0]] if kind == "Unigram" else {"a": 0}}
        c.add(f"model_{kind.lower()}.json", changed("model", model), f"model type {kind} is not read yet")
    c.add("model_untyped.json", changed("model", {"vocab": {"a": 0}}), "model type (none) is not read yet")
    c.add("model_extra.json", changed("model/fuse_unk", True), 'model has "fuse_unk", which is not read yet')
    c.add("model_number.json", changed("model", 3), "model is not an object")
    for kind in ("Sequence", "NFKC", "Precompiled", "Lowercase"):
        c.add(f"normalizer_{kind.lower()}.json", changed("normalizer", {"type": kind, "precompiled_charsmap": "AA=="}),
              f"normalizer type {kind} is not read yet")
    c.add("normalizer_extra.json", changed("normalizer/nfkc", True), 'normalizer has "nfkc", which is not read yet')
    c.add("lowercase_is_text.json", changed("normalizer/lowercase", "yes"), '"lowercase" is not true or false')
    c.add("strip_accents_number.json", changed("normalizer/strip_accents", 1), '"strip_accents" is not true or false')
    for kind in ("Whitespace", "ByteLevel", "Metaspace", "Split"):
        c.add(f"pre_{kind.lower()}.json", changed("pre_tokenizer", {"type": kind, "pattern": {"Regex": "(a+)+$"}}),
              f"pre_tokenizer type {kind} is not read yet")
    c.add("pre_null.json", changed("pre_tokenizer", None), "pre_tokenizer type (none) is not read yet")
    for kind in ("RobertaProcessing", "ByteLevel", "Sequence"):
        c.add(f"post_{kind.lower()}.json", changed("post_processor", {"type": kind}), f"post_processor type \"{kind}\" is not read yet")
    c.add("decoder_bpe.json", changed("decoder", {"type": "BPEDecoder", "suffix": ""}), "decoder type BPEDecoder is not read yet")
    c.add("decoder_prefix.json", changed("decoder/prefix", "@@"), 'decoder prefix "@@" is not the model\'s "##"')
    c.add("vocab_empty.json", changed("model/vocab", {}), "the vocabulary is empty")
    c.add("vocab_list.json", changed("model/vocab", ["a"]), "the vocabulary is empty")
    c.add("unk_missing.json", changed("model/unk_token", "<unk>"), 'unk_token "<unk>" is not in the vocabulary')
    c.add("id_twice.json", changed("model/vocab/##a", 3), 'pieces "a" and "##a" both have id 3')
    c.add("piece_twice.json", raw('"##a": 4', '"##a": 4, "a": 5'), 'piece "a" stands twice in the vocabulary, as 3 and 5')
    c.add("id_hole.json", changed("model/vocab/a", 16777215), "the ids have holes: 5 pieces, and the largest id is 16777215")
    c.add("id_2_24.json", changed("model/vocab/a", 1 << 24), 'piece "a" has id 16777216; ids lie in 0..16777215')
    c.add("id_2_63.json", changed("model/vocab/a", (1 << 63) - 1), 'piece "a" has id 9223372036854775807')
    c.add("id_2_64.json", changed("model/vocab/a", 1 << 64), 'the id of piece "a" is not an integer')
    c.add("id_negative.json", changed("model/vocab/a", -1), 'piece "a" has id -1')
    c.add("id_fraction.json", changed("model/vocab/a", 3.5), 'the id of piece "a" is not an integer')
    c.add("id_text.json", changed("model/vocab/a", "3"), 'the id of piece "a" is not an integer')
    c.add("piece_not_utf8.json", json.dumps(GOOD).encode().replace(b'"a": 3', b'"\xc3": 3'), "is not UTF-8")
    c.add("piece_65537.json", raw('"a": 3', '"%s": 3' % ("a" * 65537)), "a piece of 65537 bytes; at most 65536 are read")
    c.add("word_max_0.json", changed("model/max_input_chars_per_word", 0), "max_input_chars_per_word is 0; 1 to 1000 is read")
    c.add("word_max_1001.json", changed("model/max_input_chars_per_word", 1001), "max_input_chars_per_word is 1001")
    c.add("word_max_text.json", changed("model/max_input_chars_per_word", "100"), '"max_input_chars_per_word" is not an integer')
    c.add("added_empty.json", changed("added_tokens/0/content", ""), "an added token is empty")
    c.add("added_none.json", changed("added_tokens/0/content", ...), "an added token is empty")
    c.add("added_1025.json", changed("added_tokens/0/content", "x" * 1025), "an added token of 1025 bytes; at most 1024 are read")
    c.add("added_other_piece.json", changed("added_tokens/0/id", 3), 'added token "[UNK]" has id 3, which is piece "a"')
    c.add("added_far.json", changed("added_tokens/0/id", 16000000), 'added token "[UNK]" has id 16000000, far beyond the 5 pieces')
    c.add("added_negative.json", changed("added_tokens/0/id", -1), 'added token "[UNK]" has id -1')
    c.add("added_2_24.json", changed("added_tokens/0/id", 1 << 24), 'added token "[UNK]" has id 16777216; ids lie in')
    c.add("added_twice.json", changed("added_tokens", GOOD["added_tokens"] * 2), 'added token "[UNK]" stands twice')
    c.add("added_normalized.json", changed("added_tokens/0/normalized", True), "is matched in normalised text, which is not read yet")
    c.add("added_extra.json", changed("added_tokens/0/regex", "x"), 'an added token has "regex", which is not read yet')
    c.add("added_object.json", changed("added_tokens", {}), '"added_tokens" is not an array')
    c.add("added_not_utf8.json", json.dumps(changed("added_tokens/0", dict(GOOD["added_tokens"][0], id=5, content="Zz"))).encode()
          .replace(b"Zz", b"Z\xff"), "an added token is not UTF-8")
    post = "post_processor/"
    c.add("template_absent_token.json", changed(post + "special_tokens", {}), 'the template names "[CLS]", which is not among its special_tokens')
    c.add("template_id_no_piece.json", changed(post + "special_tokens/[CLS]/ids", [99]), 'special token "[CLS]" has id 99, which is no piece')
    c.add("template_id_negative.json", changed(post + "special_tokens/[CLS]/ids", [-1]), "an id of the template is not in 0..16777215")
    c.add("template_ids_empty.json", changed(post + "special_tokens/[CLS]/ids", []), 'the template names "[CLS]", which is not among')
    c.add("template_ids_17.json", changed(post + "special_tokens/[CLS]/ids", [1] * 17), "more than 16 ids for one token")
    c.add("template_ids_number.json", changed(post + "special_tokens/[CLS]/ids", 1), '"ids" is not an array')
    c.add("template_without_a.json", changed(post + "single", []), 'the template "single" must hold A once')
    c.add("template_a_twice.json", changed(post + "single", [{"Sequence": {"id": "A", "type_id": 0}}] * 2), 'the template "single" must hold A once')
    c.add("template_pair_without_b.json", changed(post + "pair", [{"Sequence": {"id": "A", "type_id": 0}}]), 'the template "pair" must hold A and B once')
    c.add("template_c.json", changed(post + "single/1/Sequence/id", "C"), 'the template names sequence "C"')
    c.add("template_type_2.json", changed(post + "single/1/Sequence/type_id", 2), "type_id is 2; only 0 and 1 are read")
    c.add("template_17_parts.json", changed(post + "single", [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}] * 17), "a template of more than 16 parts")
    c.add("template_too_wide.json", _wide(), "a template of more than 16 parts")
    c.add("template_part_empty.json", changed(post + "single/0", {}), "a part of the template is empty")
    c.add("template_part_no_id.json", changed(post + "single/0", {"Sequence": {"type_id": 0}}), 'a part of the template has no "id"')
    c.add("template_number.json", changed(post + "single", 3), "a template is not an array")
    c.add("template_extra.json", changed(post + "trim_offsets", True), 'post_processor has "trim_offsets", which is not read yet')
    c.add("specials_list.json", changed(post + "special_tokens", []), '"special_tokens" is not an object')
    c.add("specials_17.json", changed(post + "special_tokens", {"t%d" % i: {"ids": [1]} for i in range(17)}), "more than 16 special tokens")
    bert = {"type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1]}
    c.add("bert_wrong_id.json", changed("post_processor", dict(bert, sep=["[SEP]", 1])), "sep or cls is not the piece of its id")
    c.add("bert_id_range.json", changed("post_processor", dict(bert, sep=["[SEP]", -2])), "an id of the post-processor is not in")
    c.add("special_twice.json", raw('"special_tokens": {', '"special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2]}, '),
          'special token "[CLS]" stands twice')
    c.add("template_type_negative.json", changed(post + "single/1/Sequence/type_id", -1), "type_id is -1; only 0 and 1 are read")
    c.add("template_ids_2_64.json", changed(post + "special_tokens/[CLS]/ids", [1 << 64]), "an id of the template is not in 0..16777215")
    c.add("template_missing.json", changed(post + "single", ...), 'the template "single" must hold A once')
    c.add("added_id_text.json", changed("added_tokens/0/id", "0"), '"id" is not an integer')
    c.add("added_nul.json", raw('"content": "[UNK]"', '"content": "a\\u0000"'), "\\u0000 in a string is refused")
    c.add("prefix_number.json", changed("model/continuing_subword_prefix", 3), '"continuing_subword_prefix" is not a string')
    c.add("prefix_empty.json", changed("model/continuing_subword_prefix", ""), 'decoder prefix "##" is not the model\'s ""')
    c.add("unk_number.json", changed("model/unk_token", 0), '"unk_token" is not a string')
    c.add("vocab_missing.json", changed("model/vocab", ...), "the vocabulary is empty")
    c.add("lfs_pointer.json", LFS, "this is a Git LFS pointer, not a tokenizer")
    c.add("bert_no_sep.json", changed("post_processor", {"type": "BertProcessing", "cls": ["[CLS]", 1]}), "sep or cls is not the piece of its id")
    c.add("bert_not_pair.json", changed("post_processor", dict(bert, cls="[CLS]")), "not a pair of a token and its id")


def _wide():
    d = changed("post_processor/special_tokens/[CLS]/ids", [1] * 9)
    d["post_processor"]["single"].insert(0, {"SpecialToken": {"id": "[CLS]", "type_id": 0}})
    return d


BYTES = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
BPE = dict(GOOD, normalizer=None, pre_tokenizer=BYTES, decoder=BYTES,
           added_tokens=[dict(GOOD["added_tokens"][0], content="<s>", normalized=True)],
           post_processor={"type": "RobertaProcessing", "sep": ["</s>", 1], "cls": ["<s>", 0], "trim_offsets": True, "add_prefix_space": False},
           model={"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": "", "end_of_word_suffix": "", "fuse_unk": False,
                  "byte_fallback": False, "ignore_merges": False, "vocab": {"<s>": 0, "</s>": 1, "a": 2, "b": 3, "ab": 4, "aba": 5, "\u0120": 6, "\u0120a": 7},
                  "merges": [["a", "b"], ["ab", "a"], ["\u0120", "a"]]})


def bpe_changed(path, value):
    return changed(path, value, BPE)


def bpe_files(c):
    c.put("good_bpe.json", json.dumps(BPE).encode())
    model = "model/"
    c.add("bpe_dropout.json", bpe_changed(model + "dropout", 0.1), "a dropout of merges is not read yet; only null is")
    c.add("bpe_fallback.json", bpe_changed(model + "byte_fallback", True), "byte_fallback of a BPE model is not read yet")
    c.add("bpe_prefix.json", bpe_changed(model + "continuing_subword_prefix", "@@"), 'continuing_subword_prefix "@@" of a BPE model is not read yet')
    c.add("bpe_suffix.json", bpe_changed(model + "end_of_word_suffix", "</w>"), 'end_of_word_suffix "</w>" of a BPE model is not read yet')
    c.add("bpe_word_max.json", bpe_changed(model + "max_input_chars_per_word", 100), 'model has "max_input_chars_per_word", which is not read yet')
    c.add("bpe_extra.json", bpe_changed(model + "seed", 1), 'model has "seed", which is not read yet')
    c.add("bpe_unk.json", bpe_changed(model + "unk_token", "<unk>"), 'unk_token "<unk>" is not in the vocabulary')
    c.add("bpe_fuse_number.json", bpe_changed(model + "fuse_unk", 1), '"fuse_unk" is not true or false')
    c.add("bpe_no_merges.json", bpe_changed(model + "merges", ...), 'a BPE model has no "merges"')
    c.add("bpe_vocab_list.json", bpe_changed(model + "vocab", [["a", 0]]), "the vocabulary is empty")
    c.add("merges_object.json", bpe_changed(model + "merges", {"a": "b"}), '"merges" is not an array')
    c.add("merge_number.json", bpe_changed(model + "merges/0", 3), 'a merge is neither "a b" nor ["a", "b"]')
    c.add("merge_one.json", bpe_changed(model + "merges/0", "ab"), 'a merge is neither "a b" nor ["a", "b"]')
    c.add("merge_three.json", bpe_changed(model + "merges/0", "a b a"), 'a merge is neither "a b" nor ["a", "b"]')
    c.add("merge_list_one.json", bpe_changed(model + "merges/0", ["a"]), "a string expected")
    c.add("merge_list_three.json", bpe_changed(model + "merges/0", ["a", "b", "a"]), "the end of an array expected")
    c.add("merge_left.json", bpe_changed(model + "merges/0", ["z", "b"]), 'a merge names "z", which is not in the vocabulary')
    c.add("merge_right.json", bpe_changed(model + "merges/0", ["a", "z"]), 'a merge names "z", which is not in the vocabulary')
    c.add("merge_both.json", bpe_changed(model + "merges/0", ["b", "a"]), 'a merge names "ba", which is not in the vocabulary')
    c.add("merge_long.json", bpe_changed(model + "merges/1", ["a", "a" * 300]), "which is not in the vocabulary")
    c.add("merge_empty.json", bpe_changed(model + "merges/0", ["", "b"]), "a merge of nothing")
    c.add("merge_empty_right.json", bpe_changed(model + "merges/0", "a "), "a merge of nothing")
    c.add("bpe_normalizer.json", bpe_changed("normalizer", {"type": "NFC"}), "normalizer type NFC is not read yet beside a BPE model")
    c.add("bpe_pre_bert.json", bpe_changed("pre_tokenizer", {"type": "BertPreTokenizer"}), "pre_tokenizer type BertPreTokenizer is not read yet beside a BPE model")
    c.add("bpe_pre_none.json", bpe_changed("pre_tokenizer", None), "pre_tokenizer type (none) is not read yet beside a BPE model")
    c.add("bpe_pre_sequence.json", bpe_changed("pre_tokenizer", {"type": "Sequence", "pretokenizers": []}), "pre_tokenizer type Sequence is not read yet beside a BPE model")
    c.add("bpe_pre_extra.json", bpe_changed("pre_tokenizer/pattern", "x"), 'pre_tokenizer has "pattern", which is not read yet')
    c.add("bpe_prefix_text.json", bpe_changed("pre_tokenizer/add_prefix_space", "yes"), '"add_prefix_space" is not true or false')
    c.add("bpe_decoder.json", bpe_changed("decoder", {"type": "WordPiece"}), "decoder type WordPiece is not read yet beside a BPE model")
    c.add("roberta_wrong_id.json", bpe_changed("post_processor/sep", ["</s>", 2]), "sep or cls is not the piece of its id")
    c.add("roberta_no_cls.json", bpe_changed("post_processor/cls", ...), "sep or cls is not the piece of its id")
    c.add("post_metaspace.json", bpe_changed("post_processor", {"type": "Metaspace"}), 'post_processor type "Metaspace" is not read yet')
    c.add("post_sequence_two.json", bpe_changed("post_processor", {"type": "Sequence", "processors": [BYTES, BYTES]}), "this Sequence of more than ByteLevel and another is not read yet")
    nested = {"type": "Sequence", "processors": []}
    for _ in range(20):
        nested = {"type": "Sequence", "processors": [nested]}
    c.add("post_sequence_nested.json", bpe_changed("post_processor", nested), "nested deeper than 32 levels")
    c.add("post_sequence_in_sequence.json", bpe_changed("post_processor", {"type": "Sequence", "processors": [{"type": "Sequence", "processors": []}]}), "this Sequence of more than ByteLevel and another is not read yet")
    c.add("post_processors_number.json", bpe_changed("post_processor", {"type": "Sequence", "processors": 3}), '"processors" is not an array')
    c.add("post_sequence_unknown.json", bpe_changed("post_processor", {"type": "Sequence", "processors": [{"type": "Other"}]}), 'post_processor type "Other" is not read yet')
    good = "#version: 0.2\na b\nab a\n"
    c.put("good_vocab.json", json.dumps(BPE["model"]["vocab"]).encode())
    c.put("good_merges.txt", good.encode())
    c.add("one.merges.txt", good + "ab\n", "line 4 is not two pieces with one space between them")
    c.add("three.merges.txt", good + "a b a\n", "line 4 is not two pieces with one space between them")
    c.add("line_empty.merges.txt", good + "\na b\n", "line 4 is not two pieces with one space between them")
    c.add("tab.merges.txt", good + "a\tb\n", "line 4 is not two pieces with one space between them")
    c.add("absent.merges.txt", good + "a z\n", 'line 4: a merge names "z", which is not in the vocabulary')
    c.add("absent_both.merges.txt", good + "b b\n", 'line 4: a merge names "bb", which is not in the vocabulary')
    c.add("not_utf8.merges.txt", good.encode() + b"a \xff\n", "line 4 is not UTF-8 at column 3")
    c.add("nul.merges.txt", good + "a \0b\n", 'line 4: a merge names')
    c.add("nothing.merges.txt", good + "a \n", "line 4: a merge of nothing")
    c.add("page.merges.txt", "<!DOCTYPE html>\n", "line 1: a merge names \"<!DOCTYPE\", which is not in the vocabulary")
    c.add("list.vocab.json", "[]", "the vocabulary is not an object")
    c.add("empty.vocab.json", "{}", "the vocabulary is empty")
    c.add("text.vocab.json", '{"a": "0"}', 'the id of piece "a" is not an integer')
    c.add("nested.vocab.json", '{"a": {"b": 1}}', 'the id of piece "a" is not an integer')
    c.add("twice.vocab.json", '{"a": 0, "b": 0}', 'pieces "a" and "b" both have id 0')
    c.add("trailing.vocab.json", '{"a": 0} {}', "the end of the text expected")
    c.add("lfs.vocab.json", LFS, "a value expected")
    c.add("class.settings.json", '{"tokenizer_class": "DebertaTokenizer"}', 'vocab.json and merges.txt of tokenizer_class "DebertaTokenizer" are not read yet')
    c.add("name_absent.settings.json", '{"tokenizer_class": "RobertaTokenizer", "pad_token": "[PAD]"}', 'pad_token "[PAD]" is not in the vocabulary')
    c.add("cls_null.settings.json", '{"tokenizer_class": "RobertaTokenizer", "cls_token": null}', 'cls_token "" is not in the vocabulary')
    c.add("bos_absent.settings.json", '{"tokenizer_class": "GPT2Tokenizer", "add_bos_token": true}', 'bos_token "<|endoftext|>" is not in the vocabulary')
    c.add("eos_absent.settings.json", '{"tokenizer_class": "GPT2Tokenizer", "add_eos_token": true}', 'eos_token "<|endoftext|>" is not in the vocabulary')
    c.add("name_number.settings.json", '{"cls_token": 3}', "this is not the name of a special token")
    c.add("name_empty.settings.json", '{"additional_special_tokens": ["<s>", ""]}', "this is not the name of a special token")
    c.add("extra_absent.settings.json", '{"tokenizer_class": "RobertaTokenizer", "additional_special_tokens": ["<x>"]}', 'additional_special_tokens "<x>" is not in the vocabulary')
    c.add("decoder_list.settings.json", '{"added_tokens_decoder": []}', '"added_tokens_decoder" is not an object')
    c.add("decoder_id.settings.json", '{"added_tokens_decoder": {"x": {"content": "<x>"}}}', "the id of an added token is not in 0..16777215")
    c.add("decoder_id_2_64.settings.json", '{"added_tokens_decoder": {"18446744073709551616": {"content": "<x>"}}}', "the id of an added token is not in 0..16777215")
    c.add("decoder_content.settings.json", '{"added_tokens_decoder": {"9": {"special": true}}}', "this is not the name of an added token")
    c.add("decoder_special.settings.json", '{"added_tokens_decoder": {"9": {"content": "<x>", "special": 1}}}', '"special" is not true or false')
    c.add("decoder_far.settings.json", '{"tokenizer_class": "RobertaTokenizer", "added_tokens_decoder": {"16777215": {"content": "<x>"}}}', "far beyond the 8 pieces")
    c.add("decoder_other.settings.json", '{"tokenizer_class": "RobertaTokenizer", "added_tokens_decoder": {"2": {"content": "<x>"}}}', 'added token "<x>" has id 2, which is piece "a"')
    c.add("list.added.json", "[]", "added_tokens.json is not an object")
    c.add("id_text.added.json", '{"<x>": "9"}', "the id of an added token is not in 0..16777215")
    c.add("name_empty.added.json", '{"": 9}', "this is not the name of a special token")
    c.add("list.model.json", "[]", "config.json is not an object")
    c.add("type.model.json", '{"model_type": "deberta"}', 'vocab.json and merges.txt of model_type "deberta" are not read yet')


def vocab_files(c):
    good = "[UNK]\n[CLS]\n[SEP]\na\n##a\n"
    c.put("good.txt", good.encode())
    c.add("empty.txt", "", "the vocabulary is empty")
    c.add("line_ends_only.txt", "\r\n\n\n", "the vocabulary is empty")
    c.add("line_empty.txt", good + "\nb\n", "line 6 is empty")
    c.add("line_twice.txt", good + "a\n", 'line 6: piece "a" stands twice in the vocabulary, as 3 and 5')
    c.add("line_nul.txt", good + "b\0c\n", "line 6: a piece holds a NUL character")
    c.add("line_cr.txt", good + "b\rc\n", "line 6 holds a carriage return")
    c.add("line_not_utf8.txt", good.encode() + b"caf\xe9\n", "line 6 is not UTF-8 at column 4")
    c.add("line_surrogate.txt", good.encode() + b"\xed\xa0\x80\n", "line 6 is not UTF-8 at column 1")
    c.add("line_65537.txt", good + "b" * 65537 + "\n", "line 6: a piece of 65537 bytes")
    c.add("crlf_twice.txt", good.replace("\n", "\r\n") + "a\r\n", 'line 6: piece "a" stands twice')
    c.add("no_unk.txt", good.replace("[UNK]", "<unk>"), 'unk_token "[UNK]" is not in the vocabulary')
    c.add("no_cls.txt", good.replace("[CLS]", "<s>"), 'cls_token "[CLS]" is not in the vocabulary')
    c.add("no_sep.txt", good.replace("[SEP]", "</s>"), 'sep_token "[SEP]" is not in the vocabulary')
    c.add("sentencepiece.txt", b"\n\x0e\n\x05<unk>\x15\0\0\0\0\x18\x02", "line 1 is empty")
    c.add("utf16.txt", b"\xff\xfe" + good.encode("utf-16-le"), "line 1 is not UTF-8 at column 1")
    c.add("page.txt", "<!DOCTYPE html>\n<html>\n", 'unk_token "[UNK]" is not in the vocabulary')
    c.add("lfs_pointer.txt", LFS, "this is a Git LFS pointer, not a tokenizer")
    c.add("list.config.json", "[]", "tokenizer_config.json is not an object")
    c.add("truncated.config.json", '{"do_lower_case": tr', "a value expected")
    c.add("lower_text.config.json", '{"do_lower_case": "no"}', '"do_lower_case" is not true or false')
    c.add("lower_twice.config.json", '{"do_lower_case": true, "do_lower_case": false}', 'has "do_lower_case" twice')
    c.add("name_number.config.json", '{"cls_token": 3}', "this is not the name of a special token")
    c.add("name_empty.config.json", '{"cls_token": ""}', "this is not the name of a special token")
    c.add("name_object.config.json", '{"cls_token": {"contents": "[CLS]"}}', "this is not the name of a special token")
    c.add("name_absent.config.json", '{"unk_token": "<unk>"}', 'unk_token "<unk>" is not in the vocabulary')


def zipped(*names):
    b = io.BytesIO()
    with zipfile.ZipFile(b, "w") as z:
        for n in names:
            z.writestr(zipfile.ZipInfo(n), "x")
    return b.getvalue()


def tables(c):
    head = "text,label\n"
    c.put("good.csv", (head + "a b c,x\nd e f,y\ng h,x\ni j,y\n").encode())
    kinds = [
        ("book.xlsx", zipped("[Content_Types].xml", "xl/workbook.xml"), "an Excel workbook (.xlsx)"),
        ("book.ods", zipped("mimetype", "content.xml").replace(b"mimetypex", b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"), "an OpenDocument spreadsheet (.ods)"),
        ("named.csv", zipped("xl/worksheets/sheet1.xml"), "an Excel workbook (.xlsx)"),
        ("text.docx", zipped("word/document.xml"), "a Word document (.docx)"),
        ("data.zip", zipped("data.csv"), "a zip archive"),
        ("book.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook (.xls)"),
        ("data.parquet", b"PAR1\x15\x04", "a Parquet file"), ("data.csv.gz", b"\x1f\x8b\x08\0\0", "compressed with gzip"),
        ("data.bz2", b"BZh91AY", "compressed with bzip2"), ("data.xz", b"\xfd7zXZ\0", "compressed with xz"),
        ("data.zst", b"\x28\xb5\x2f\xfd\0", "compressed with Zstandard"), ("data.7z", b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
        ("data.rar", b"Rar!\x1a\x07", "a RAR archive"), ("data.feather", b"ARROW1\0\0", "an Arrow (Feather) file"),
        ("data.avro", b"Obj\x01\x04", "an Avro file"), ("data.orc", b"ORC\x08", "an ORC file"),
        ("data.db", b"SQLite format 3\0", "an SQLite database"), ("data.h5", b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
        ("data.pdf", b"%PDF-1.7\n", "a PDF document"), ("picture.png", b"\x89PNG\r\n\x1a\n", "a PNG picture"),
        ("picture.jpg", b"\xff\xd8\xff\xe0", "a JPEG picture"), ("data.pkl", b"\x80\x04\x95", "a Python pickle"),
        ("page.csv", b"<!DOCTYPE html><title>404</title>", "a web page"), ("data.xml", b"<?xml version='1.0'?>", "an XML file"),
        ("array.json", b'[\n {"text": "a", "label": 1}]', "one JSON array"),
        ("noise.csv", bytes(range(256)), "binary data"), ("nul.csv", head.encode() + b"a\0b,x\n", "binary data"),
        ("pointer.csv", LFS.encode(), "a Git LFS pointer"),
        ("utf32.csv", b"\xff\xfe\0\0" + (head + "a,x\nb,y\n").encode("utf-32-le"), "UTF-32"),
        ("utf32_big.csv", b"\0\0\xfe\xff" + (head + "a,x\nb,y\n").encode("utf-32-be"), "UTF-32"),
        ("half.utf16.csv", b"\xff\xfet\0e\0x\0t", "UTF-16 with half a character at its end"),
    ]
    for name, data, what in kinds:
        c.add(name, data, f"this is {what}, not a table of text")
    c.add("empty.csv", "", "the file is empty")
    c.add("bom_only.csv", b"\xef\xbb\xbf", "holds nothing but blanks")
    c.add("blank.csv", " \n\t\r\n\n", "holds nothing but blanks")
    c.add("header_only.csv", head, "the file holds a header and no rows")
    c.add("mixed.csv", (head + "é ü ö,x\n").encode() + b"caf\xe9,y\n", "byte 0xe9 is not UTF-8, though 3 other characters are")
    c.add("quote_open.csv", head + 'a,x\n"b,y\nc,x\n', "a quote that is never closed")
    c.add("quote_inside.csv", head + '"a "nice" day",x\n', "text after a closing quote")
    c.add("quote_then_text.csv", head + 'a,"x"y\n', "text after a closing quote")
    c.add("row_short.csv", head + "a,x\nb\n", "the row has 1 column where the first has 2")
    c.add("row_long.csv", head + "a,x\nb,y,z\n", "the row has 3 columns where the first has 2")
    c.add("row_short_then_long_field.csv", "".join("a,b,c\n" for _ in range(9)) + "a\n" + "b" * 100000 + ",c,d\n", "the row has 1 column where the first has 3")
    c.add("nul_late.csv", head + "a word or two,x\n" * 400 + "a\0b,x\n", "a NUL byte in a field")
    c.add("nul_late_quoted.csv", head + "a word or two,x\n" * 400 + '"a\0b",x\n', "a NUL byte in a field")
    c.add("object_cut.jsonl", '{"text": "a", "label": 1}\n{"text": "b", "la\n', "a string without an end")
    c.add("object_open.jsonl", '{"text": "a"\n{"text": "b"}\n', "the JSON text ends where ',' or '}' should be")
    c.add("key_twice.jsonl", '{"text": "a", "text": "b"}\n', 'the key "text" stands twice in one object')
    c.add("not_an_object.jsonl", '{"text": "a"}\n["b"]\n', "an object expected")
    c.add("trailing.jsonl", '{"text": "a"} {"text": "b"}\n', "the end of the text expected")
    c.add("deep.jsonl", '{"text": ' + "[" * 64 + "]" * 64 + "}\n", "nested deeper than 64 levels")
    c.add("deep_100000.jsonl", '{"text": ' + "[" * 100000 + "\n", "nested deeper than 64 levels")
    c.add("nan.jsonl", '{"text": "a", "label": NaN}\n', "a value expected, 'N' found")
    c.add("1e999.jsonl", '{"text": "a", "label": 1e999}\n', "a number is too large for a double")
    c.add("number_bad.jsonl", '{"text": "a", "label": 01}\n', "a number is badly written")
    c.add("number_long.jsonl", '{"text": "a", "label": %s}\n' % ("1" * 5000), "a number of 5000 characters")
    c.add("nul_escape.jsonl", '{"text": "1\\u0000xyz"}\n', "\\u0000 in a string is refused")
    c.add("surrogate.jsonl", '{"text": "\\udc00"}\n', "lone low surrogate in a string")
    c.add("control.jsonl", '{"text": "a\tb"}\n', "control character 0x09 in a string")
    c.add("pretty.jsonl", '{\n  "text": "a"\n}\n', "the JSON text ends where")
    c.add("sparse.jsonl", "".join('{"k%d":1}\n' % i for i in range(2000)), "too sparse for a table")
    c.add("label_unique.csv", head + "".join("some text number %d,reason %d\n" % (i, i) for i in range(12)), "nearly every value is different")
    c.add("label_empty.csv", head + "a b c,\nd e f,\n", '"label" (empty: all 2 values are empty)')
    c.add("labels_many.csv", "text,colour,size\n" + "a b,red,big\nc d,blue,big\ne f,red,small\ng h,blue,small\n", "several columns could be the label")
    c.add("label_none.txt", "".join("this is sentence number %d of a text\n" % i for i in range(9)), "no column looks like a label")
    c.add("label_25_digits.csv", head + "".join("some text %d,%d\n" % (i, 10**24 + i) for i in range(12)), "nearly every value is different")
    c.add("label_81e31.csv", head + "".join("some text %d,81e31%s\n" % (i, "0" * 40 + str(i)) for i in range(12)), "nearly every value is different")
    c.add("separator_only.csv", "sep=;\n", "the file holds no rows")
    c.add("quote_open_first.csv", '"text,label\na,x\nb,y\n', "a quote that is never closed")
    c.add("half_character.csv", (head + "caf\u00e9,x\n\u00fc").encode()[:-1], "the row has 1 column where the first has 2")
    c.add("empty_objects.jsonl", "{}\n{}\n", "no column looks like a label")
    c.add("array_over_lines.jsonl", '[{"text": "a"},\n{"text": "b"}]\n', "this is one JSON array")
    c.add("two_in_a_line.jsonl", '{"text": "a"}{"text": "b"}\n', "the end of the text expected, '{' found")
    c.add("comma_after.jsonl", '{"text": "a",}\n', "a key in quotes expected, '}' found")
    c.add("single_quotes.jsonl", "{'text': 'a'}\n", "a key in quotes expected, '\'' found")
    c.add("key_number.jsonl", '{1: "a"}\n', "a key in quotes expected, '1' found")
    c.add("plus_number.jsonl", '{"text": "a", "label": +1}\n', "a value expected, '+' found")
    c.add("infinity.jsonl", '{"text": "a", "label": -Infinity}\n', "a number is badly written")
    c.add("surrogate_high.jsonl", '{"text": "\\ud800x"}\n', "lone high surrogate in a string")
    c.add("escape_unknown.jsonl", '{"text": "\\x41"}\n', "unknown escape in a string")
    c.add("escape_not_hex.jsonl", '{"text": "\\u00g1"}\n', "\\u wants four hexadecimal digits")
    c.add("text_none.csv", "label,score\n" + "1,0.5\n2,1.5\n1,2.25\n2,8.5\n", "no column looks like text")


def main():
    c = Cases("tokenizer")
    tokenizer_files(c)
    bpe_files(c)
    vocab_files(c)
    c.close()
    c = Cases("table")
    tables(c)
    c.close()


if __name__ == "__main__":
    main()
