#!/bin/sh
# Runs in the nginx container before it starts: the site with the portal's own name, its log where Docker looks for it.
set -eu
site=${ROOST_SITE:-/opt/roost/deploy/nginx/roost.conf}
target=${ROOST_SITE_TARGET:-/etc/nginx/conf.d/default.conf}
host=${ROOST_PORTAL_URL#*://}
host=${host%%[:/]*}
sed -e "s|my\\.example\\.com|$host|g" -e 's|/var/log/nginx/roost\.|/var/log/nginx/|' "$site" > "$target"
