# Needs Ruby 3.1 or newer with the gem webrick; everything else is in the standard library.
require 'json'
require 'openssl'
require 'webrick'

MAX_BODY_BYTES = 1_000_000
TOLERANCE_SECONDS = 300
MAX_SIGNATURES = 20
SIGNING_KEYS = ENV.fetch('SIGNING_KEYS', 'signing-keys.pem')

# Empty for a text that is not base64: no signature is empty.
def decode(text)
  text.unpack1('m0')
rescue ArgumentError
  ''
end

# The key of the HMAC is the base64 after whsec_, decoded. There are two secrets while one is rotated.
SECRETS = ENV.fetch('WEBHOOK_SECRETS', '').split.map { |text| decode(text.delete_prefix('whsec_')) }

# Every key of the file, read anew for each request: a rotation needs no restart.
def read_keys
  File.read(SIGNING_KEYS).split(/(?=-----BEGIN)/).map { |pem| OpenSSL::PKey.read(pem) }
end

# Whether the deployment sent these bytes, to this target, at most five minutes ago.
def genuine?(request, body, public_keys)
  timestamp = request['webhook-timestamp'].to_s
  # Full stops between the three. A list, with a space between its signatures.
  content = "#{request['webhook-id']}.#{timestamp}.".b + body
  list = request['webhook-signature'].to_s.split(' ').first(MAX_SIGNATURES)
  texts = ->(version) { list.filter_map { |entry| entry.delete_prefix(version) if entry.start_with?(version) } }

  return false if SECRETS.any? && !signed?(texts.('v1,'), SECRETS, timestamp, content, method(:hmac?))

  signed?(texts.('v1a,'), public_keys, timestamp, content, method(:ed25519?)) || signed_alone?(request, body, public_keys)
end

# The other header family, which no secret signs: nothing stands between its timestamp and the body.
def signed_alone?(request, body, public_keys)
  timestamp = request['x-webhook-timestamp'].to_s
  signed?([request['x-webhook-signature'].to_s], public_keys, timestamp, timestamp.b + body, method(:ed25519?))
end

def signed?(texts, keys, timestamp, content, check)
  fresh?(timestamp) && texts.product(keys).any? { |text, key| check.(key, content, decode(text)) }
end

def hmac?(secret, content, signature)
  OpenSSL.secure_compare(OpenSSL::HMAC.digest('SHA256', secret, content), signature)
end

def ed25519?(key, content, signature)
  key.verify(nil, signature, content)
rescue OpenSSL::PKey::PKeyError # Bytes that no signature can have may not be answered with false.
  false
end

def fresh?(timestamp)
  timestamp.match?(/\A[0-9]{1,12}\z/) && (Time.now.to_i - timestamp.to_i).abs <= TOLERANCE_SECONDS
end

INBOX = {} # Yours: a table with the event id as its key.
LOCK = Mutex.new
WORK = Queue.new

# Every event once, by the id in its body. It is kept before the answer; the work comes afterwards.
def keep(event)
  LOCK.synchronize do
    return if INBOX.key?(event['id'])

    INBOX[event['id']] = event
  end
  WORK << event
end

# The status to answer with.
def receive(request)
  return 404 unless request.request_method == 'POST'
  return 413 if request['content-length'].to_i > MAX_BODY_BYTES

  body = request.body.to_s.b
  unless genuine?(request, body, read_keys)
    warn 'Refused: no signature holds'
    return 401
  end
  keep(JSON.parse(body, max_nesting: 200))
  204
rescue StandardError => error # For example the keys could not be read. The sender tries again.
  warn error.full_message
  500
end

Thread.new { loop { WORK.pop.then { |event| puts "Working on #{event['event']} #{event['id']}" } } }
$stdout.sync = true
port = Integer(ENV.fetch('PORT', '3000'))
start = -> { puts "Listening on #{port}" }
server = WEBrick::HTTPServer.new(Port: port, StartCallback: start, AccessLog: [])
server.mount_proc('/webhooks') { |request, response| response.status = receive(request) }
server.start
