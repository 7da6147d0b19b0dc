"""Runs the guide's verify_webhook_signature on the JSON [signature, timestamp, body, public key] of standard input.

Prints one line of JSON: whether it accepted, and which `cryptography` it ran with. A machine without that package gets
the stand-in beside this file; `--stand-in` takes it in any case.
"""

import contextlib
import json
import os
import sys

STAND_IN = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'stand-in')


def import_cryptography():
    if '--stand-in' not in sys.argv:
        try:
            import cryptography.hazmat.primitives.asymmetric.ed25519
            return 'cryptography ' + cryptography.__version__
        except ImportError:
            pass
    sys.path.insert(0, STAND_IN)
    return 'stand-in'


if __name__ == '__main__':
    library = import_cryptography()
    from verify_webhook_signature import verify_webhook_signature

    arguments = json.loads(sys.stdin.buffer.read().decode('utf-8'))
    # What it prints when it refuses must not mix with the answer.
    with contextlib.redirect_stdout(sys.stderr):
        accepted = verify_webhook_signature(*arguments)
    print(json.dumps({'accepted': accepted, 'library': library}))
