# Needs Python 3.9 or newer, and the package `cryptography`: the standard library has no Ed25519.
import base64
import hashlib
import hmac
import json
import os
import re
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Lock, Thread

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PORT = int(os.environ.get('PORT', '3000'))
SIGNING_KEYS = os.environ.get('SIGNING_KEYS', 'signing-keys.txt')
MAX_BODY_BYTES = 1_000_000
TOLERANCE_SECONDS = 300
MAX_SIGNATURES = 20

# The key of the HMAC is the base64 after whsec_, decoded. There are two secrets while one is rotated.
SECRETS = [base64.b64decode(text.removeprefix('whsec_')) for text in os.environ.get('WEBHOOK_SECRETS', '').split()]


def read_keys():
    """Every key of the file, read anew for each request: a rotation needs no restart."""
    with open(SIGNING_KEYS, encoding='ascii') as file:
        return [Ed25519PublicKey.from_public_bytes(bytes.fromhex(line)) for line in file.read().split()]


def is_genuine(headers, body, public_keys):
    """Whether the deployment sent these bytes, to this target, at most five minutes ago."""
    timestamp = headers.get('webhook-timestamp', '')
    # Full stops between the three. A list, with a space between its signatures.
    content = f"{headers.get('webhook-id', '')}.{timestamp}.".encode() + body
    signatures = headers.get('webhook-signature', '').split(' ')[:MAX_SIGNATURES]

    def is_signed(version, keys, check):
        texts = [text for name, _, text in (entry.partition(',') for entry in signatures) if name == version]
        return is_fresh(timestamp) and any(check(key, content, decode(text)) for text in texts for key in keys)

    if SECRETS and not is_signed('v1', SECRETS, is_hmac):
        return False
    return is_signed('v1a', public_keys, is_ed25519) or is_signed_alone(headers, body, public_keys)


def is_signed_alone(headers, body, public_keys):
    """The other header family, which no secret signs: nothing stands between its timestamp and the body."""
    timestamp = headers.get('x-webhook-timestamp', '')
    signature = decode(headers.get('x-webhook-signature', ''))
    return is_fresh(timestamp) and any(is_ed25519(key, timestamp.encode() + body, signature) for key in public_keys)


def is_hmac(secret, content, signature):
    return hmac.compare_digest(hmac.new(secret, content, hashlib.sha256).digest(), signature)


def is_ed25519(key, content, signature):
    try:
        key.verify(signature, content)
        return True
    except InvalidSignature:
        return False


def is_fresh(timestamp):
    is_number = re.fullmatch('[0-9]{1,12}', timestamp) is not None
    return is_number and abs(time.time() - int(timestamp)) <= TOLERANCE_SECONDS


def decode(text):
    """Empty for a text that is not base64: no signature is empty."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b''


inbox = {}  # Yours: a table with the event id as its key.
lock = Lock()
work = Queue()


def keep(event):
    """Every event once, by the id in its body. It is kept before the answer; the work comes afterwards."""
    with lock:
        if event['id'] in inbox:
            return
        inbox[event['id']] = event
    work.put(event)


def work_for_ever():
    while True:
        event = work.get()
        print(f"Working on {event['event']} {event['id']}", flush=True)


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        try:
            status = self.receive()
        except Exception as error:  # For example the keys could not be read. The sender tries again.
            self.log_error('Failed: %r', error)
            status = 500
        self.send_response(status)
        self.end_headers()

    def receive(self):
        """The status to answer with."""
        if self.path != '/webhooks':
            return 404
        size = int(self.headers['content-length'])
        if size > MAX_BODY_BYTES:
            return 413
        body = self.rfile.read(size)
        if not is_genuine(self.headers, body, read_keys()):
            print('Refused: no signature holds', flush=True)
            return 401
        keep(json.loads(body))
        return 204


Thread(target=work_for_ever, daemon=True).start()
server = ThreadingHTTPServer(('', PORT), Receiver)
print(f'Listening on {PORT}', flush=True)
server.serve_forever()
