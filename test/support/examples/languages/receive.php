<?php
// Needs PHP 8.1 or newer with the extension sodium, which PHP itself brings.
declare(strict_types=1);

const MAX_BODY_BYTES = 1_000_000;
const TOLERANCE_SECONDS = 300;
const MAX_SIGNATURES = 20;

/** The key of the HMAC is the base64 after whsec_, decoded. There are two secrets while one is rotated. */
function readSecrets(): array
{
    $texts = array_filter(explode(' ', getenv('WEBHOOK_SECRETS') ?: ''));
    return array_map(fn (string $text) => decode(preg_replace('/^whsec_/', '', $text)), $texts);
}

/** Every key of the file, read anew for each request: a rotation needs no restart. */
function readKeys(): array
{
    $lines = file(getenv('SIGNING_KEYS') ?: 'signing-keys.txt', FILE_IGNORE_NEW_LINES | FILE_SKIP_EMPTY_LINES);
    if ($lines === false) {
        throw new RuntimeException('The signing keys could not be read.');
    }
    return array_map(sodium_hex2bin(...), $lines);
}

/** Whether the deployment sent these bytes, to this target, at most five minutes ago. */
function isGenuine(string $body, array $publicKeys): bool
{
    $timestamp = $_SERVER['HTTP_WEBHOOK_TIMESTAMP'] ?? '';
    // Full stops between the three. A list, with a space between its signatures.
    $content = ($_SERVER['HTTP_WEBHOOK_ID'] ?? '') . ".$timestamp.$body";
    $list = array_slice(explode(' ', $_SERVER['HTTP_WEBHOOK_SIGNATURE'] ?? ''), 0, MAX_SIGNATURES);
    $textsOf = fn (string $version) => array_map(
        fn (string $entry) => substr($entry, strlen($version)),
        array_filter($list, fn (string $entry) => str_starts_with($entry, $version)),
    );

    $secrets = readSecrets();
    if ($secrets && !isSigned($textsOf('v1,'), $secrets, $timestamp, $content, isHmac(...))) {
        return false;
    }
    return isSigned($textsOf('v1a,'), $publicKeys, $timestamp, $content, isEd25519(...))
        || isSignedAlone($body, $publicKeys);
}

/** The other header family, which no secret signs: nothing stands between its timestamp and the body. */
function isSignedAlone(string $body, array $publicKeys): bool
{
    $timestamp = $_SERVER['HTTP_X_WEBHOOK_TIMESTAMP'] ?? '';
    $texts = [$_SERVER['HTTP_X_WEBHOOK_SIGNATURE'] ?? ''];
    return isSigned($texts, $publicKeys, $timestamp, $timestamp . $body, isEd25519(...));
}

function isSigned(array $texts, array $keys, string $timestamp, string $content, callable $isBy): bool
{
    if (!isFresh($timestamp)) {
        return false;
    }
    foreach ($texts as $text) {
        foreach ($keys as $key) {
            if ($isBy($key, $content, decode($text))) {
                return true;
            }
        }
    }
    return false;
}

function isHmac(string $secret, string $content, string $signature): bool
{
    return hash_equals(hash_hmac('sha256', $content, $secret, true), $signature);
}

/** A signature of another length is an exception of sodium, not false. */
function isEd25519(string $key, string $content, string $signature): bool
{
    return strlen($signature) === SODIUM_CRYPTO_SIGN_BYTES
        && sodium_crypto_sign_verify_detached($signature, $content, $key);
}

function isFresh(string $timestamp): bool
{
    return preg_match('/^[0-9]{1,12}$/D', $timestamp) === 1 && abs(time() - (int) $timestamp) <= TOLERANCE_SECONDS;
}

/** Empty for a text that is not base64: no signature is empty. */
function decode(string $text): string
{
    return base64_decode($text, true) ?: '';
}

/**
 * Every event once, by the id in its body. It is kept before the answer; the work comes afterwards, in a process of its own.
 * Yours is a table with the event id as its key. Here it is a folder: 'x' fails when the file is there.
 */
function keep(string $body): void
{
    $event = json_decode($body, true, 512, JSON_BIGINT_AS_STRING | JSON_THROW_ON_ERROR);
    if (preg_match('/^[0-9A-Za-z]{1,64}$/D', $event['id']) !== 1) {
        throw new RuntimeException('Expected an event id.');
    }
    $path = (getenv('INBOX') ?: sys_get_temp_dir()) . "/{$event['id']}.json";
    $file = @fopen($path, 'x');
    if ($file === false) {
        if (file_exists($path)) return;
        throw new RuntimeException('The event could not be kept.');
    }
    fwrite($file, $body);
    fclose($file);
    error_log("Working on {$event['event']} {$event['id']}");
}

/** The status to answer with. */
function receive(): int
{
    if ($_SERVER['REQUEST_METHOD'] !== 'POST' || $_SERVER['REQUEST_URI'] !== '/webhooks') {
        return 404;
    }
    $body = file_get_contents('php://input', length: MAX_BODY_BYTES + 1); // The bytes, never $_POST.
    if (strlen($body) > MAX_BODY_BYTES) {
        return 413;
    }
    if (!isGenuine($body, readKeys())) {
        error_log('Refused: no signature holds');
        return 401;
    }
    keep($body);
    return 204;
}

try {
    http_response_code(receive());
} catch (Throwable $error) { // For example the keys could not be read. The sender tries again.
    error_log($error->getMessage());
    http_response_code(500);
}
