"""Ed25519 verification as RFC 8032, section 5.1.7 and the sample code of section 6 describe it."""

import hashlib

from cryptography.exceptions import InvalidSignature

P = 2**255 - 19  # the field
L = 2**252 + 27742317777372353535851937790883648493  # the order of the base point
D = -121665 * pow(121666, P - 2, P) % P
SQRT_MINUS_ONE = pow(2, (P - 1) // 4, P)


# Points are extended coordinates (X, Y, Z, T): x = X/Z, y = Y/Z, x*y = T/Z.
def add(one, other):
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar > 0:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def equal(one, other):
    return (one[0] * other[2] - other[0] * one[2]) % P == 0 and (one[1] * other[2] - other[1] * one[2]) % P == 0


def recover_x(y, sign):
    if y >= P:
        return None
    x_squared = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if x_squared == 0:
        return None if sign else 0
    x = pow(x_squared, (P + 3) // 8, P)
    if (x * x - x_squared) % P != 0:
        x = x * SQRT_MINUS_ONE % P
    if (x * x - x_squared) % P != 0:
        return None
    return x if x & 1 == sign else P - x


def decode_point(data):
    y = int.from_bytes(data, 'little')
    sign, y = y >> 255, y & ((1 << 255) - 1)
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = recover_x(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


class Ed25519PublicKey:
    def __init__(self, data):
        self.data = data

    @classmethod
    def from_public_bytes(cls, data):
        if len(data) != 32:
            raise ValueError('An Ed25519 public key is 32 bytes long')
        return cls(bytes(data))

    def verify(self, signature, data):
        key = decode_point(self.data)
        commitment = decode_point(signature[:32]) if len(signature) == 64 else None
        scalar = int.from_bytes(signature[32:], 'little')
        if key is None or commitment is None or scalar >= L:
            raise InvalidSignature
        digest = hashlib.sha512(signature[:32] + self.data + data).digest()
        challenge = int.from_bytes(digest, 'little') % L
        if not equal(multiply(scalar, BASE), add(commitment, multiply(challenge, key))):
            raise InvalidSignature
