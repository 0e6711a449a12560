#!/bin/sh
# certbot's deploy hook on the machine that runs the containers: a new certificate goes into tls/, and nginx reads it.
set -eu
cd "$(dirname "$(readlink -f "$0")")"
umask 077
cp "$RENEWED_LINEAGE/fullchain.pem" tls/certificate.pem
cp "$RENEWED_LINEAGE/privkey.pem" tls/key.pem
docker compose exec -T nginx nginx -s reload
