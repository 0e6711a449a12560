# Read by bin/install: files of the release at their places. Needs what common.sh sets, and `host` (the portal's name).

# A file of the release at its place, unless somebody changed what is there since it was written last.
place() {
    from=$1 to=$root$2 written=$etc/written/$(basename "$2")
    if [ -e "$written" ] && cmp -s "$from" "$written" && [ -e "$to" ]; then
        return 0
    fi
    mkdir -p "$(dirname "$to")" "$etc/written"
    if [ ! -e "$to" ] || cmp -s "$from" "$to" || { [ -e "$written" ] && cmp -s "$to" "$written"; }; then
        install -m 0644 "$from" "$to"
        install -m 0644 "$from" "$written"
        rm -f "$to.new"
    else
        install -m 0644 "$from" "$to.new"
        say "$2 was changed by hand or by certbot and stays as it is. This release's own is beside it: $2.new"
    fi
}

# What of the release's files depends on this machine: the folder, the portal's name, whether there is IPv6.
render() {
    sed -e "s|/opt/roost|$shown_tree|g" -e "s|my\\.example\\.com|$host|g" "$1" |
        if [ -e "${ROOST_INET6:-/proc/net/if_inet6}" ]; then cat; else sed '/^ *listen \[::\]/d'; fi
}

# nginx has room for names of about 46 letters, if nobody says otherwise; saying it twice is an error.
long_name() {
    [ ${#host} -gt 40 ] || return 0
    places="$root/etc/nginx/nginx.conf $root/etc/nginx/conf.d $root/etc/nginx/sites-enabled"
    # shellcheck disable=SC2086
    grep -REqs '^[[:space:]]*server_names_hash_bucket_size' $places || printf '\n%s\n' 'server_names_hash_bucket_size 512;'
}

# A site that was changed lacks nothing when only the portal's name became another one: say_names tells what to edit.
renamed_only() {
    before=$(recall "$etc/installed" host) written=$etc/written/roost.conf
    [ -n "$before" ] && [ "$before" != "$host" ] && [ -e "$written" ] || return 0
    ! cmp -s "$written" "$root/etc/nginx/sites-available/roost.conf" || return 0
    sed "s|$(dotted "$before")|$host|g" "$written" > "$written.renamed"
    ! cmp -s "$written.renamed" "$1" || install -m 0644 "$1" "$written"
    rm -f "$written.renamed"
}

dotted() { printf '%s' "$1" | sed 's/[.]/\\./g'; }

# A changed site that does not know the portal's name: the lines to edit, as they are and as they have to be.
say_names() {
    site=/etc/nginx/sites-available/roost.conf
    pattern='^[[:space:]]*server_name[[:space:]]'
    ! grep -E "$pattern" "$root$site" | tr ';' ' ' | grep -Eq "[[:space:]]$(dotted "$host")([[:space:]]|\$)" || return 0
    known=$(sed -nE "s/$pattern+([^[:space:];]+).*/\\1/p" "$root$site" | head -n 1)
    case $known in
    '' | *[*~_]*) return 0 ;; # the operator's own idea of names
    esac
    say "The portal's name is $host now, but $site says $known. Edit these lines there:"
    grep -nF "$known" "$root$site" | grep -Ev '^[0-9]+:[[:space:]]*(#|ssl_)' | while IFS= read -r found; do
        line=$(printf '%s\n' "${found#*:}" | sed 's/^[[:space:]]*//')
        say "  line ${found%%:*}:  $line"
        say "  becomes:  $(printf '%s\n' "$line" | sed "s|$(dotted "$known")|$host|g")"
    done
    say "Then: nginx -t && systemctl reload nginx && certbot --nginx -d $host"
}

place_site() {
    # A placeholder for another name is made anew; whoever has a certificate of certbot's does not use it.
    if [ ! -e "$etc/tls/placeholder.key" ] || [ "$(recall "$etc/installed" host)" != "$host" ]; then
        "$python" "$tree/deploy/placeholder.py" "$host" "$etc/tls"
    fi
    for file in http.conf server.conf roost.conf; do
        render "$tree/deploy/nginx/$file" > "$rendered/$file"
    done
    long_name >> "$rendered/http.conf"
    place "$rendered/http.conf" /etc/nginx/roost/http.conf
    place "$rendered/server.conf" /etc/nginx/roost/server.conf
    renamed_only "$rendered/roost.conf"
    place "$rendered/roost.conf" /etc/nginx/sites-available/roost.conf
    say_names
    mkdir -p "$root/etc/nginx/sites-enabled"
    ln -sfn ../sites-available/roost.conf "$root/etc/nginx/sites-enabled/roost.conf"
}
