"""Writes tests/golden/images/made: small pictures of every kind that PIL reads as RGB, and made.tsv, what PIL and
torchvision make of them: file, what is done, width, height and CRC-32 of the bytes.  Needs pillow, numpy, torch and
torchvision, and a photo under a free licence (dog.jpg of segment-anything, Apache-2.0); usage: images.py PHOTO"""
import io
import os
import random
import struct
import sys
import zlib

import numpy as np
import torch
from PIL import Image, ImageOps
from torchvision import transforms
from torchvision.transforms import functional as F

HERE = os.path.join(os.path.dirname(__file__), "..", "..", "tests", "golden", "images", "made")
FILTERS = {"box": 4, "bilinear": 2, "hamming": 5, "bicubic": 3, "lanczos": 1}
rows = []


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def png(samples, kind, depth, interlace=0, extra=b""):
    """samples: [H, W, channels] of integers below 2^depth."""
    h, w, channels = samples.shape
    raw = b""
    for x0, y0, dx, dy in ADAM7 if interlace else [(0, 0, 1, 1)]:
        part = samples[y0::dy, x0::dx]
        if part.size:
            for line in part.reshape(part.shape[0], -1):
                bits = "".join(format(int(v), "0%db" % depth) for v in line)
                bits += "0" * (-len(bits) % 8)
                raw += b"\0" + bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, depth, kind, 0, 0, interlace)) + extra
            + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b""))


def exif(value, big_endian=False, kind=3, tag=0x112, order=None):
    o = order or (">" if big_endian else "<")
    value = struct.pack(o + "H", value) + b"\0\0" if kind == 3 else struct.pack(o + "I", value)
    return ((b"MM\0*" if big_endian else b"II*\0") + struct.pack(o + "IH", 8, 2)
            + struct.pack(o + "HHI", 0x10e, 2, 4) + b"abc\0"
            + struct.pack(o + "HHI", tag, kind, 1) + value + struct.pack(o + "I", 0))


def tell(name, what, image):
    rows.append((name, what, image.width, image.height, "%08x" % zlib.crc32(image.tobytes())))


def decoded(name):
    stored = Image.open(os.path.join(HERE, name))
    return ImageOps.exif_transpose(stored).convert("RGB"), stored.convert("RGB")


def put(name, data, wanted=None):
    with open(os.path.join(HERE, name), "wb") as f:
        f.write(data)
    upright, stored = decoded(name)
    tell(name, "decode", wanted or upright)
    if upright.tobytes() != stored.tobytes():
        tell(name, "stored", stored)


def saved(image, form, **options):
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def make_pngs(rgb):
    grey = np.asarray(rgb.convert("L"))[..., None]
    colour, rng = np.asarray(rgb), np.random.default_rng(1)
    alpha = rng.integers(0, 256, grey.shape)
    low = rng.integers(0, 256, colour.shape)
    for depth in (1, 2, 4, 8):
        put(f"png/grey{depth}.png", png(grey >> (8 - depth), 0, depth))
        put(f"png/grey{depth}-interlaced.png", png(grey >> (8 - depth), 0, depth, 1))
        palette = rng.integers(0, 256, 3 * 2 ** depth, dtype=np.uint8).tobytes()
        extra = chunk(b"PLTE", palette) + chunk(b"tRNS", bytes([0, 128])[:2 ** depth])
        put(f"png/palette{depth}.png", png(grey >> (8 - depth), 3, depth, extra=extra))
    put("png/palette8-interlaced.png", png(grey, 3, 8, 1, chunk(b"PLTE", rng.bytes(768))))
    sixteen = grey.astype(int) * 256 + low[..., :1]
    put("png/grey16.png", png(sixteen, 0, 16), Image.fromarray(np.repeat(grey, 3, 2)))  # PIL would cut at 255
    put("png/grey-alpha8.png", png(np.concatenate([grey, alpha], 2), 4, 8))
    put("png/grey-alpha16.png", png(np.concatenate([sixteen, alpha * 257], 2), 4, 16))
    put("png/rgb8.png", png(colour, 2, 8))
    put("png/rgb8-interlaced.png", png(colour, 2, 8, 1))
    put("png/rgb8-key.png", png(colour, 2, 8, extra=chunk(b"tRNS", struct.pack(">HHH", *map(int, colour[3, 3])))))
    put("png/rgb8-gamma.png", png(colour, 2, 8, extra=chunk(b"gAMA", struct.pack(">I", 100000))))
    put("png/rgb16.png", png(colour.astype(int) * 256 + low, 2, 16))
    put("png/rgba8.png", png(np.concatenate([colour, alpha], 2), 6, 8))
    put("png/rgba16-interlaced.png", png(np.concatenate([colour.astype(int) * 256 + low, alpha * 257], 2), 6, 16, 1))
    put("png/exif7.png", png(colour, 2, 8, extra=chunk(b"eXIf", exif(7, True))))
    levels = rng.choice([0, 1, 2, 127, 128, 254, 255], (32, 48, 3))
    put("png/colours.png", png(np.concatenate([levels, rng.integers(0, 256, (32, 48, 3))]), 2, 8))
    packet = b"XML:com.adobe.xmp\0\0\0\0\0" + b'<d tiff:Orientation="5"/>'
    put("png/xmp5.png", png(colour[:9, :7], 2, 8, extra=chunk(b"iTXt", packet)))
    put("png/xmp5-exif2.png", png(colour[:9, :7], 2, 8, extra=chunk(b"iTXt", packet) + chunk(b"eXIf", exif(2))))
    put("png/one-pixel.png", png(colour[:1, :1], 2, 8))


def make_jpegs(rgb):
    for name, sampling in (("444", "4:4:4"), ("422", "4:2:2"), ("420", "4:2:0")):
        put(f"jpeg/{name}.jpg", saved(rgb, "JPEG", subsampling=sampling, quality=87))
    put("jpeg/progressive.jpg", saved(rgb, "JPEG", progressive=True, quality=60))
    put("jpeg/restarts.jpg", saved(rgb, "JPEG", restart_marker_blocks=3))
    put("jpeg/optimised.jpg", saved(rgb, "JPEG", optimize=True, quality=30))
    put("jpeg/rgb-stored.jpg", saved(rgb, "JPEG", keep_rgb=True))
    put("jpeg/grey.jpg", saved(rgb.convert("L"), "JPEG"))
    put("jpeg/grey-progressive.jpg", saved(rgb.convert("L"), "JPEG", progressive=True))
    put("jpeg/cmyk.jpg", saved(rgb.convert("CMYK"), "JPEG"))
    put("jpeg/cmyk-progressive.jpg", saved(rgb.convert("CMYK"), "JPEG", progressive=True))
    small = rgb.resize((19, 11))
    for i in range(1, 9):
        put(f"jpeg/exif{i}.jpg", saved(small, "JPEG", exif=b"Exif\0\0" + exif(i, i % 2 == 0)))
    put("jpeg/exif9.jpg", saved(small, "JPEG", exif=b"Exif\0\0" + exif(9)))
    put("jpeg/exif-long.jpg", saved(small, "JPEG", exif=b"Exif\0\0" + exif(6, kind=4)))
    for name, packet in (("attribute", b'<d tiff:Orientation="6"/>'), ("element", b"<tiff:Orientation>3</tiff:Orientation>")):
        put(f"jpeg/xmp-{name}.jpg", saved(small, "JPEG", xmp=packet))
        put(f"jpeg/xmp-{name}-exif-8.jpg", saved(small, "JPEG", xmp=packet, exif=b"Exif\0\0" + exif(8)))
        put(f"jpeg/xmp-{name}-exif-none.jpg", saved(small, "JPEG", xmp=packet, exif=b"Exif\0\0" + exif(8, tag=0x113)))
    put("jpeg/one-pixel.jpg", saved(rgb.crop((0, 0, 1, 1)), "JPEG"))
    put("jpeg/garbage-before-end.jpg", saved(small, "JPEG")[:-2] + b"\0\1\2\3\xff\xd9")
    put("jpeg/garbage-after-end.jpg", saved(small, "JPEG") + b"polyglot")


def make_webps(rgb):
    alpha = Image.fromarray(np.random.default_rng(2).integers(0, 256, (rgb.height, rgb.width), dtype=np.uint8))
    with_alpha = rgb.copy()
    with_alpha.putalpha(alpha)
    put("webp/lossy.webp", saved(rgb, "WEBP", quality=70))
    put("webp/lossy-alpha.webp", saved(with_alpha, "WEBP", quality=70))
    put("webp/lossless.webp", saved(rgb, "WEBP", lossless=True))
    put("webp/lossless-alpha.webp", saved(with_alpha, "WEBP", lossless=True, exact=True))
    put("webp/exif5.webp", saved(rgb, "WEBP", exif=exif(5)))
    put("webp/exif8.webp", saved(rgb, "WEBP", exif=b"Exif\0\0" + exif(8, True), lossless=True))
    put("webp/xmp6.webp", saved(rgb.resize((19, 11)), "WEBP", lossless=True, xmp=b'<d tiff:Orientation="6"/>'))
    put("webp/one-pixel.webp", saved(rgb.crop((0, 0, 1, 1)), "WEBP", lossless=True))


def resize_rows(names):
    rnd = random.Random(5)
    for name in names:
        image = decoded(name)[0]
        w, h = image.size
        sizes = [(w, h), (w, 5), (7, h), (1, 1), (2 * w, 3 * h), (w - 1, h + 1)]
        sizes += [(rnd.randint(1, 3 * w), rnd.randint(1, 3 * h)) for _ in range(4)]
        for label, code in FILTERS.items():
            for size in sizes:
                tell(name, "resize %s 0 0 %d %d" % (label, w, h), image.resize([max(1, s) for s in size], code))
            left, top = rnd.randrange(w), rnd.randrange(h)
            width, height = rnd.randint(1, w - left), rnd.randint(1, h - top)
            cut = F.resized_crop(image, top, left, height, width, [33, 20], transforms.InterpolationMode(label))
            tell(name, "resize %s %d %d %d %d" % (label, left, top, width, height), cut)


def eval_rows(names):
    for name in names:
        image = decoded(name)[0]
        for resize, squash, width, height in ((32, 0, 28, 28), (33, 0, 28, 21), (20, 0, 41, 30), (0, 0, 40, 300),
                                              (0, 0, 25, 36), (30, 1, 30, 30), (30, 1, 27, 27), (47, 0, 47, 47)):
            steps = [transforms.Resize((resize, resize) if squash else resize, transforms.InterpolationMode.BICUBIC)]
            steps = (steps if resize else []) + [transforms.CenterCrop((height, width))]
            tell(name, "eval %d %d" % (resize, squash), transforms.Compose(steps)(image))


def adjust_rows(names):
    for name in names:
        image = decoded(name)[0]
        for factor in (0, 0.3, 0.6, 0.999, 1, 1.001, 1.4, 2.7):
            tell(name, "adjust 0 %r" % factor, F.adjust_brightness(image, factor))
            tell(name, "adjust 1 %r" % factor, F.adjust_contrast(image, factor))
            tell(name, "adjust 2 %r" % factor, F.adjust_saturation(image, factor))
        for factor in (-0.5, -0.21, -0.001, 0, 0.004, 0.1, 0.37, 0.5):
            tell(name, "adjust 3 %r" % factor, F.adjust_hue(image, factor))
        tell(name, "flip 0", F.hflip(image))
        tell(name, "flip 1", F.vflip(image))


def tensor_rows():
    ramp = torch.arange(256, dtype=torch.uint8).numpy().reshape(16, 16, 1).repeat(3, 2)
    for mean, std in (((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)), ((0.5,) * 3, (0.5,) * 3),
                      ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))):
        out = transforms.Normalize(mean, std)(transforms.ToTensor()(Image.fromarray(ramp)))
        data = out.permute(1, 2, 0).contiguous().numpy().tobytes()
        rows.append(("ramp", "tensor " + " ".join(map(repr, mean + std)), 16, 16, "%08x" % zlib.crc32(data)))


def main():
    for form in ("jpeg", "png", "webp"):
        os.makedirs(os.path.join(HERE, form), exist_ok=True)
    photo = Image.open(sys.argv[1]).convert("RGB")
    rgb = photo.resize((61, 47), Image.BICUBIC, (60, 100, 426, 382))
    make_pngs(rgb)
    make_jpegs(rgb)
    make_webps(rgb)
    resize_rows(["png/rgb8.png", "jpeg/exif1.jpg", "png/one-pixel.png"])
    eval_rows(["png/rgb8.png", "jpeg/exif6.jpg"])
    adjust_rows(["png/colours.png", "png/rgb8.png", "png/one-pixel.png"])
    tensor_rows()
    with open(os.path.join(HERE, "made.tsv"), "w") as f:
        f.writelines("\t".join(map(str, r)) + "\n" for r in rows)


main()
