#!/bin/sh
# Runs in the nginx container before it starts: the site with the portal's own name, its log where Docker looks for it.
set -eu
from=${ROOST_NGINX_FROM:-/opt/roost/deploy/nginx}
to=${ROOST_NGINX_TO:-/etc/nginx}
host=${ROOST_PORTAL_URL#*://}
host=${host%%[:/]*}
mkdir -p "$to/roost" "$to/conf.d"

place() {
    sed -e "s|my\\.example\\.com|$host|g" -e 's|/var/log/nginx/roost\.|/var/log/nginx/|' \
        -e 's|/tls/placeholder\.crt|/tls/certificate.pem|' -e 's|/tls/placeholder\.key|/tls/key.pem|' "$from/$1" |
        if [ -e "${ROOST_INET6:-/proc/net/if_inet6}" ]; then cat; else sed '/^ *listen \[::\]/d'; fi > "$2"
}

place http.conf "$to/roost/http.conf"
place server.conf "$to/roost/server.conf"
place roost.conf "$to/conf.d/default.conf"
[ ${#host} -le 40 ] || echo 'server_names_hash_bucket_size 512;' >> "$to/roost/http.conf"
