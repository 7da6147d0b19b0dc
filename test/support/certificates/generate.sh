#!/bin/sh
# Makes every file beside it anew. The keys protect nothing: only the tests' own servers on 127.0.0.1 use them.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/openssl.cnf" <<CNF
[ca]
default_ca = test
[test]
database = $work/index
serial = $work/serial
new_certs_dir = $work
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[req]
distinguished_name = name
prompt = no
[name]
commonName = test
CNF
: >"$work/index"
echo 1000 >"$work/serial"

here="DNS:localhost, DNS:*.hookcast.test, IP:127.0.0.1"
new_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null; }

# name, extension, start, end, then how it is signed
sign() {
  name=$1 extension=$2 start=$3 end=$4
  shift 4
  openssl req -new -config "$work/openssl.cnf" -key "$key" -subj "/CN=Hookcast test $name" \
    ${extension:+-addext "$extension"} -out "$work/$name.csr"
  openssl ca -batch -notext -config "$work/openssl.cnf" -in "$work/$name.csr" -startdate "$start" -enddate "$end" \
    "$@" -out "$name.pem" 2>/dev/null
}

from=20200101000000Z
to=20760101000000Z

key=$work/authority.key
new_key "$key"
sign authority '' $from $to -selfsign -keyfile "$key" -extensions authority

key=key.pem
new_key "$key"
by_authority="-cert authority.pem -keyfile $work/authority.key"
sign valid "subjectAltName = $here" $from $to $by_authority
sign expired "subjectAltName = $here" 20190101000000Z 20190201000000Z $by_authority
sign wrong-host "subjectAltName = DNS:other.hookcast.example" $from $to $by_authority
sign self-signed "subjectAltName = $here" $from $to -selfsign -keyfile "$key"
