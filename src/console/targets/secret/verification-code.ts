/**
 * How a receiver verifies a request with the secret of its target, in six languages without a package. Each sample takes the raw
 * body and the three `webhook-` headers, and gives the same answers: test/console/targets/secret runs them on requests that the
 * service signed, and on forged ones.
 */

export type Sample = { readonly language: string; readonly file: string; readonly code: string };

/** Node 20 and newer. */
const NODE = `import { createHmac, timingSafeEqual } from 'node:crypto';

/** \`body\`: the bytes as they came, before any JSON parser. \`secrets\`: one, or two while the secret is rotated. */
export function isGenuine(headers, body, secrets, now = Date.now() / 1000) {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures = '' } = headers;
  if (!/^\\d+$/.test(timestamp) || Math.abs(now - Number(timestamp)) > 300) return false;
  return secrets.some((secret) => {
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
    const expected = createHmac('sha256', key).update(\`\${id}.\${timestamp}.\`).update(body).digest();
    return signatures.split(' ').some((entry) => {
      const given = Buffer.from(entry.startsWith('v1,') ? entry.slice(3) : '', 'base64');
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
  });
}
`;

const PYTHON = `import base64
import hashlib
import hmac
import time


def is_genuine(headers, body, secrets, now=None):
    """body: the bytes as they came, before any JSON parser. secrets: one, or two while the secret is rotated."""
    event_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    signatures = headers.get("webhook-signature", "").split(" ")
    if not (timestamp.isascii() and timestamp.isdigit()):
        return False
    if abs((time.time() if now is None else now) - int(timestamp)) > 300:
        return False
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = f"{event_id}.{timestamp}.".encode() + body
        expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        for signature in signatures:
            if hmac.compare_digest(signature.encode(), expected.encode()):
                return True
    return False
`;

const GO = `package webhooks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
)

// IsGenuine takes the headers webhook-id, webhook-timestamp and webhook-signature, and the body as it came, before any JSON
// parser. secrets: one, or two while the secret is rotated. now: time.Now().Unix().
func IsGenuine(id, timestamp, signatures string, body []byte, secrets []string, now int64) bool {
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || seconds < now-300 || seconds > now+300 {
		return false
	}
	for _, secret := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		if err != nil {
			continue
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + timestamp + "."))
		mac.Write(body)
		expected := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
		for _, signature := range strings.Split(signatures, " ") {
			if hmac.Equal([]byte(signature), []byte(expected)) {
				return true
			}
		}
	}
	return false
}
`;

/** Java 11 and newer. */
const JAVA = `import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

final class Webhooks {
  /** body: the bytes as they came, before any JSON parser. secrets: one, or two while the secret is rotated. */
  static boolean isGenuine(
      String id, String timestamp, String signatures, byte[] body, List<String> secrets, long nowSeconds)
      throws GeneralSecurityException {
    if (id == null || timestamp == null || signatures == null) return false;
    if (!timestamp.matches("[0-9]{1,15}")) return false;
    if (Math.abs(nowSeconds - Long.parseLong(timestamp)) > 300) return false;
    for (String secret : secrets) {
      byte[] key = Base64.getDecoder().decode(secret.substring("whsec_".length()));
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
      String expected = "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
      for (String signature : signatures.split(" ")) {
        if (MessageDigest.isEqual(signature.getBytes(StandardCharsets.UTF_8), expected.getBytes(StandardCharsets.UTF_8)))
          return true;
      }
    }
    return false;
  }
}
`;

const RUBY = `require 'openssl'

# body: the bytes as they came, before any JSON parser. secrets: one, or two while the secret is rotated.
def genuine?(headers, body, secrets, now = Time.now.to_i)
  id, timestamp = headers['webhook-id'], headers['webhook-timestamp'].to_s
  return false unless timestamp.match?(/\\A\\d+\\z/) && (now - timestamp.to_i).abs <= 300

  secrets.any? do |secret|
    key = secret.delete_prefix('whsec_').unpack1('m0')
    digest = OpenSSL::HMAC.digest('SHA256', key, "#{id}.#{timestamp}.".b + body.b)
    expected = "v1,#{[digest].pack('m0')}"
    headers['webhook-signature'].to_s.split(' ').any? do |signature|
      signature.bytesize == expected.bytesize && OpenSSL.fixed_length_secure_compare(signature, expected)
    end
  end
end
`;

const PHP = `<?php

// $body: the bytes as they came (php://input), before any JSON parser. $secrets: one, or two while the secret is rotated.
function is_genuine(array $headers, string $body, array $secrets, ?int $now = null): bool
{
    $id = $headers['webhook-id'] ?? '';
    $timestamp = $headers['webhook-timestamp'] ?? '';
    if (!preg_match('/\\A[0-9]{1,15}\\z/', $timestamp) || abs(($now ?? time()) - (int) $timestamp) > 300) {
        return false;
    }
    foreach ($secrets as $secret) {
        $key = base64_decode(substr($secret, strlen('whsec_')), true);
        $expected = 'v1,' . base64_encode(hash_hmac('sha256', "{$id}.{$timestamp}.{$body}", $key, true));
        foreach (explode(' ', $headers['webhook-signature'] ?? '') as $signature) {
            if (hash_equals($expected, $signature)) {
                return true;
            }
        }
    }
    return false;
}
`;

export const SAMPLES: readonly Sample[] = [
  { language: 'Node.js', file: 'verify.mjs', code: NODE },
  { language: 'Python', file: 'verify.py', code: PYTHON },
  { language: 'Go', file: 'verify.go', code: GO },
  { language: 'Java', file: 'Webhooks.java', code: JAVA },
  { language: 'Ruby', file: 'verify.rb', code: RUBY },
  { language: 'PHP', file: 'verify.php', code: PHP },
];
