// Needs Java 17 or newer, and no library.
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public final class Receive {
    static final int MAX_BODY_BYTES = 1_000_000;
    static final long TOLERANCE_SECONDS = 300;
    static final int MAX_SIGNATURES = 20;
    static final Path SIGNING_KEYS = Path.of(setting("SIGNING_KEYS", "signing-keys.pem"));

    // The key of the HMAC is the base64 after whsec_, decoded. There are two secrets while one is rotated.
    static final List<byte[]> SECRETS = Arrays.stream(setting("WEBHOOK_SECRETS", "").split(" "))
            .filter(text -> !text.isEmpty())
            .map(text -> Base64.getDecoder().decode(text.replaceFirst("^whsec_", "")))
            .toList();

    static final Map<String, byte[]> inbox = new ConcurrentHashMap<>(); // Yours: a table with the event id as its key.
    static final ExecutorService work = Executors.newSingleThreadExecutor();

    /** One PEM as a key. */
    static PublicKey toPublicKey(String pem) throws GeneralSecurityException {
        String base64 = pem.replaceAll("-----[A-Z ]+-----|\\s", "");
        byte[] der = Base64.getDecoder().decode(base64);
        return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(der));
    }

    /** Every key of the file, read anew for each request: a rotation needs no restart. */
    static List<PublicKey> readKeys() throws IOException, GeneralSecurityException {
        List<PublicKey> keys = new ArrayList<>();
        for (String pem : Files.readString(SIGNING_KEYS).split("(?=-----BEGIN)")) {
            if (!pem.isBlank()) keys.add(toPublicKey(pem));
        }
        return keys;
    }

    interface Check<Key> {
        boolean isBy(Key key, byte[] content, byte[] signature) throws GeneralSecurityException;
    }

    /** Whether the deployment sent these bytes, to this target, at most five minutes ago. */
    static boolean isGenuine(HttpExchange request, byte[] body, List<PublicKey> keys) throws GeneralSecurityException {
        String timestamp = header(request, "webhook-timestamp");
        // Full stops between the three.
        byte[] content = join(header(request, "webhook-id") + "." + timestamp + ".", body);
        // A list, with a space between its signatures.
        List<String> list = Arrays.stream(header(request, "webhook-signature").split(" ")).limit(MAX_SIGNATURES).toList();
        if (!SECRETS.isEmpty() && !isSigned("v1,", list, SECRETS, timestamp, content, Receive::isHmac)) return false;
        return isSigned("v1a,", list, keys, timestamp, content, Receive::isEd25519) || isSignedAlone(request, body, keys);
    }

    /** The other header family, which no secret signs: nothing stands between its timestamp and the body. */
    static boolean isSignedAlone(HttpExchange request, byte[] body, List<PublicKey> keys) throws GeneralSecurityException {
        String timestamp = header(request, "x-webhook-timestamp");
        List<String> list = List.of(header(request, "x-webhook-signature"));
        return isSigned("", list, keys, timestamp, join(timestamp, body), Receive::isEd25519);
    }

    static <Key> boolean isSigned(
            String version, List<String> list, List<Key> keys, String timestamp, byte[] content, Check<Key> check)
            throws GeneralSecurityException {
        if (!isFresh(timestamp)) return false;
        for (String entry : list) {
            if (!entry.startsWith(version)) continue;
            byte[] signature = decode(entry.substring(version.length()));
            for (Key key : keys) if (check.isBy(key, content, signature)) return true;
        }
        return false;
    }

    static boolean isHmac(byte[] secret, byte[] content, byte[] signature) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret, "HmacSHA256"));
        return MessageDigest.isEqual(mac.doFinal(content), signature);
    }

    static boolean isEd25519(PublicKey key, byte[] content, byte[] bytes) throws GeneralSecurityException {
        Signature signature = Signature.getInstance("Ed25519");
        signature.initVerify(key);
        signature.update(content);
        try {
            return signature.verify(bytes);
        } catch (SignatureException forged) { // Bytes that no signature can have are not answered with false.
            return false;
        }
    }

    static boolean isFresh(String timestamp) {
        if (!timestamp.matches("[0-9]{1,12}")) return false;
        return Math.abs(System.currentTimeMillis() / 1000 - Long.parseLong(timestamp)) <= TOLERANCE_SECONDS;
    }

    /** Empty for a text that is not base64: no signature is empty. */
    static byte[] decode(String text) {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException notBase64) {
            return new byte[0];
        }
    }

    static byte[] join(String head, byte[] body) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.writeBytes(head.getBytes(StandardCharsets.UTF_8));
        content.writeBytes(body);
        return content.toByteArray();
    }

    static String header(HttpExchange request, String name) {
        String value = request.getRequestHeaders().getFirst(name);
        return value == null ? "" : value;
    }

    /** The status to answer with. */
    static int receive(HttpExchange request) throws IOException, GeneralSecurityException {
        if (!request.getRequestMethod().equals("POST")) return 404;
        byte[] body = request.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
        if (body.length > MAX_BODY_BYTES) return 413;
        if (!isGenuine(request, body, readKeys())) {
            System.err.println("Refused: no signature holds");
            return 401;
        }
        keep(body);
        return 204;
    }

    // Java has no parser of JSON: this is for want of one. With Jackson: new ObjectMapper().readTree(body).get("id").asText().
    static final Pattern START = Pattern.compile("^\\{\"id\":\"([^\"]+)\",\"event\":\"([^\"]+)\"");

    /** Every event once, by the id in its body. It is kept before the answer; the work comes afterwards. */
    static void keep(byte[] body) {
        Matcher start = START.matcher(new String(body, StandardCharsets.UTF_8));
        if (!start.find()) throw new IllegalArgumentException("Expected an event");
        String id = start.group(1);
        if (inbox.putIfAbsent(id, body) != null) return;
        work.execute(() -> System.out.println("Working on " + start.group(2) + " " + id));
    }

    static String setting(String name, String fallback) {
        return System.getenv().getOrDefault(name, fallback);
    }

    public static void main(String[] args) throws IOException {
        int port = Integer.parseInt(setting("PORT", "3000"));
        HttpServer server = HttpServer.create(new InetSocketAddress(port), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/webhooks", request -> {
            int status;
            try {
                status = receive(request);
            } catch (Exception error) { // For example the keys could not be read. The sender tries again.
                System.err.println(error);
                status = 500;
            }
            request.sendResponseHeaders(status, -1);
            request.close();
        });
        server.start();
        System.out.println("Listening on " + port);
    }
}
