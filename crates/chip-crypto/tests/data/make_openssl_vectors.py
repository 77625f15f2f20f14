#!/usr/bin/env python3
"""Writes openssl-vectors.json: known answers computed by the openssl command, an implementation that shares nothing
with ours. Run in this folder; every run draws new keys, all of them throw-away."""
import json, os, subprocess, tempfile

CURVES = {"secp192r1": "prime192v1", "secp224r1": "secp224r1", "secp256r1": "prime256v1", "secp384r1": "secp384r1",
          "secp521r1": "secp521r1", **{n: n for n in ("brainpoolP192r1", "brainpoolP224r1", "brainpoolP256r1",
                                                    "brainpoolP320r1", "brainpoolP384r1", "brainpoolP512r1")}}
HASHES = ["sha1", "sha224", "sha256", "sha384", "sha512"]
MESSAGE = b"Doc 9303 known answer"


def openssl(*arguments):
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True).stdout


def elements(der):
    while der:
        tag, length, start = der[0], der[1], 2
        if length & 0x80:
            start = 2 + (length & 0x7F)
            length = int.from_bytes(der[2:start], "big")
        yield tag, der[start:start + length]
        der = der[start + length:]


def sequence(der):
    return list(elements(next(elements(der))[1]))


def integer(element):
    return element[1].lstrip(b"\0").hex()


def ec_key(name):
    path = os.path.join(work, name + os.urandom(4).hex())
    openssl("ecparam", "-name", CURVES[name], "-genkey", "-noout", "-out", path)
    openssl("ec", "-in", path, "-pubout", "-out", path + ".pub")
    fields = sequence(openssl("ec", "-in", path, "-outform", "DER"))
    public = next(elements(next(value for tag, value in fields if tag == 0xA1)))[1][1:]
    return path, fields[1][1].hex(), public.hex()


def explicit(name):
    fields = sequence(openssl("ecparam", "-name", CURVES[name], "-param_enc", "explicit", "-outform", "DER"))
    compressed = sequence(openssl("ecparam", "-name", CURVES[name], "-param_enc", "explicit", "-conv_form",
                                  "compressed", "-outform", "DER"))
    coefficients = list(elements(fields[2][1]))
    return {"p": integer(list(elements(fields[1][1]))[1]), "a": coefficients[0][1].hex(), "b": coefficients[1][1].hex(),
            "generator": fields[3][1].hex(), "generator_compressed": compressed[3][1].hex(), "n": integer(fields[4]),
            "h": integer(fields[5])}


def curve(name):
    one, one_private, one_public = ec_key(name)
    two, two_private, two_public = ec_key(name)
    return {"name": name, "explicit": explicit(name), "private": one_private, "public": one_public,
            "peer_private": two_private, "peer_public": two_public,
            "shared": openssl("pkeyutl", "-derive", "-inkey", one, "-peerkey", two + ".pub").hex(),
            "signatures": {h: openssl("dgst", "-" + h, "-sign", one, message).hex() for h in HASHES}}


def rsa(bits, exponent, padded):
    path = os.path.join(work, f"rsa-{bits}-{exponent}")
    openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{bits}", "-pkeyopt",
            f"rsa_keygen_pubexp:{exponent}", "-out", path)
    der = openssl("pkcs8", "-topk8", "-nocrypt", "-in", path, "-outform", "DER")
    numbers = sequence(sequence(der)[2][1])
    signatures = []
    for h, mgf, salt in padded:
        options = [] if salt is None else ["-sigopt", "rsa_padding_mode:pss", "-sigopt", f"rsa_mgf1_md:{mgf}",
                                          "-sigopt", f"rsa_pss_saltlen:{salt}"]
        signatures.append({"hash": h, "mgf": mgf, "salt_len": salt,
                           "signature": openssl("dgst", "-" + h, *options, "-sign", path, message).hex()})
    return {"bits": bits, "n": integer(numbers[1]), "e": integer(numbers[2]), "pkcs8": der.hex(),
            "signatures": signatures}


def dh(group):
    def key(name):
        path = os.path.join(work, f"dh-{group}-{name}")
        openssl("genpkey", "-paramfile", parameters, "-out", path)
        openssl("pkey", "-in", path, "-pubout", "-out", path + ".pub")
        private = sequence(openssl("pkcs8", "-topk8", "-nocrypt", "-in", path, "-outform", "DER"))[2][1]
        public = sequence(openssl("pkey", "-in", path, "-pubout", "-outform", "DER"))[1][1][1:]
        return path, integer(next(elements(private))), integer(next(elements(public)))
    parameters = os.path.join(work, f"dh-{group}")
    openssl("genpkey", "-genparam", "-algorithm", "DHX", "-pkeyopt", f"dh_rfc5114:{group + 1}", "-out", parameters)
    one, one_private, one_public = key("one")
    two, _, two_public = key("two")
    return {"id": group, "private": one_private, "public": one_public, "peer_public": two_public,
            "shared": openssl("pkeyutl", "-derive", "-inkey", one, "-peerkey", two + ".pub").hex().zfill(256 if group == 0 else 512)}


with tempfile.TemporaryDirectory() as work:
    message = os.path.join(work, "message")
    open(message, "wb").write(MESSAGE)
    pkcs1 = [(h, None, None) for h in HASHES]
    pss = [(h, h, size) for h, size in zip(HASHES, (20, 28, 32, 48, 64))]
    odd_pss = [("sha256", "sha256", 20), ("sha256", "sha256", 64), ("sha256", "sha256", 0), ("sha384", "sha384", 32)]
    two_hashes = [("sha256", "sha1", 32)]
    vectors = {
        "source": "computed by " + openssl("version").decode().strip() + " with make_openssl_vectors.py",
        "message": MESSAGE.hex(),
        "curves": [curve(name) for name in CURVES],
        "dh": [dh(group) for group in range(3)],
        "rsa": [rsa(1024, 65537, pkcs1 + pss[:3]), rsa(1800, 65537, pkcs1 + pss + odd_pss),
                rsa(2048, 3, pkcs1 + pss + odd_pss + two_hashes), rsa(3072, 107903, pkcs1 + pss + odd_pss),
                rsa(4096, 56611, pkcs1[2:3] + pss[2:3]), rsa(6144, 65537, pkcs1[2:4] + pss[2:3] + odd_pss[:1])],
    }
json.dump(vectors, open("openssl-vectors.json", "w"), indent=1)
