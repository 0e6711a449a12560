# Read by bin/install, bin/upgrade and bin/roost: where this installation is, and how its commands are run.
# Needs `tree` (the folder of this file's parent) and `root` (empty, or the folder that stands for / in tests).

instance=$root/var/lib/roost
etc=$root/etc/roost
python=$tree/.venv/bin/python
shown_tree=$tree
[ -z "$root" ] || shown_tree=${tree#"$root"}

say() { printf '%s\n' "$*"; }
stop() {
    printf '%s\n' "$*" >&2
    exit 1
}

# Settings of the environment file, as systemd gives them to the services: NAME=value, one in a line.
read_environment() {
    [ -r "$etc/environment" ] || return 0
    while IFS= read -r line || [ -n "$line" ]; do
        case $line in
        ROOST_*=*)
            value=${line#*=}
            case $value in
            \"*\") value=${value#\"} value=${value%\"} ;;
            \'*\') value=${value#\'} value=${value%\'} ;;
            esac
            export "${line%%=*}=$value"
            ;;
        esac
    done < "$etc/environment"
}

# Runs a command as the user whom the files in the instance folder belong to. Below another root that is the caller.
as_roost() {
    (
        umask 077
        export ROOST_INSTANCE="$instance"
        if [ -z "$root" ] && [ "$(id -u)" = 0 ]; then
            exec runuser -u roost -- "$@"
        fi
        exec "$@"
    )
}

# -P: what lies in the folder that one happens to be in is never imported.
# The way to call them that every release has: bin/upgrade calls those of two releases.
flask() { as_roost "$python" -P -m flask --app "$tree/wsgi.py" "$@"; }

# A file that only the caller may read cannot be given to a command, which runs as roost: said before it says "does not exist".
check_files() {
    for word in "$@"; do
        if [ -f "$word" ] && ! as_roost test -r "$word"; then
            stop "Commands run as the user roost, who cannot read $word. Put a copy where it can:" \
                "install -o roost -g roost -m 0600 $word /var/lib/roost/backups/"
        fi
    done
}

# One line of a file like /etc/roost/installed: `recall FILE NAME` prints the value of NAME.
recall() { sed -n "s/^$2=//p" "$1" 2>/dev/null | tail -n 1; }
