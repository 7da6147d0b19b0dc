#!/bin/sh
# Makes every file beside it anew: client certificates, each with its chain and then its key. The keys protect nothing.
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
unique_subject = no
[any]
organizationName = optional
commonName = supplied
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[client]
extendedKeyUsage = clientAuth
[req]
distinguished_name = name
prompt = no
[name]
commonName = test
CNF
: >"$work/index"
echo 2000 >"$work/serial"

ec() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:"$2" -out "$work/$1.key" 2>/dev/null; }
rsa() { openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:"$2" -out "$work/$1.key" 2>/dev/null; }

# name, extensions, start, end, then how it is signed
sign() {
  name=$1 extensions=$2 start=$3 end=$4
  shift 4
  openssl req -new -config "$work/openssl.cnf" -key "$work/$name.key" -subj "/O=Hookcast test/CN=$name" -out "$work/$name.csr"
  openssl ca -batch -notext -config "$work/openssl.cnf" -in "$work/$name.csr" -startdate "$start" -enddate "$end" \
    -extensions "$extensions" "$@" -out "$work/$name.pem" 2>/dev/null
}

from=20200101000000Z
to=20760101000000Z

for name in authority stranger-authority; do
  ec $name P-256
  sign $name authority $from $to -selfsign -keyfile "$work/$name.key"
done
by() { echo "-cert $work/$1.pem -keyfile $work/$1.key"; }

ec intermediate P-256
sign intermediate authority $from $to $(by authority)

ec ec P-256
ec ec-384 P-384
ec chained P-256
ec expired P-256
ec early P-256
ec ending P-256
ec stranger P-256
ec koblitz secp256k1
rsa rsa 2048
rsa weak 1024
rsa huge 8192
openssl genpkey -algorithm ED25519 -out "$work/edwards.key" 2>/dev/null
for name in ec ec-384 koblitz rsa weak huge; do sign $name client $from $to $(by authority); done
sign edwards client $from $to $(by authority)
sign chained client $from $to $(by intermediate)
sign expired client 20190101000000Z 20190201000000Z $(by authority)
sign early client 20700101000000Z $to $(by authority)
sign ending client $from 20270131120000Z $(by authority)
sign stranger client $from $to $(by stranger-authority)

cp "$work/authority.pem" authority.pem
cat "$work/intermediate.pem" >>"$work/chained.pem"
for name in ec ec-384 koblitz rsa weak huge edwards chained expired early ending stranger; do
  cat "$work/$name.pem" "$work/$name.key" >"$name.pem"
done
