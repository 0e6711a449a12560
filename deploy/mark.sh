# Read by bin/upgrade: the mark of an upgrade that is at work. Whoever finds it and gets the lock knows that one was cut off,
# and has what is needed to go on or back. Needs `etc`; bin/install takes it away when it was brought to an end by hand.
#
# way       forward, or back
# from, to  the commits; name: the branch that `from` was, else the commit
# backup    empty until it is made: so long nothing but the services was touched
# migrated  whether the store may have the schema of `to`

mark_file=$etc/upgrading

mark() {
    printf 'way=%s\nfrom=%s\nname=%s\nto=%s\nbackup=%s\nmigrated=%s\n' \
        "$way" "$old" "$old_name" "$target" "$backup" "$migrated" > "$mark_file.draft" &&
        sync "$mark_file.draft" && mv "$mark_file.draft" "$mark_file"
}

read_mark() {
    way=$(recall "$mark_file" way) old=$(recall "$mark_file" from) old_name=$(recall "$mark_file" name)
    target=$(recall "$mark_file" to) backup=$(recall "$mark_file" backup) migrated=$(recall "$mark_file" migrated)
}

unmark() { rm -f "$mark_file" "$mark_file.draft"; }

# Nothing was changed yet: the portal starts again, and if it does, there is nothing to bring to an end.
as_before() {
    trap '' HUP INT TERM
    if services start; then unmark; fi
    stop "$1"
}

# An upgrade, or a way back, that was cut off: to its end. Sets `rest` to whether what was asked for is still to be done.
resume() {
    read_mark
    rest=no
    say "An upgrade from $(git describe --always --tags "$old") to $(git describe --always --tags "$target") was cut off."
    if [ -z "$backup" ]; then
        say "It had not changed anything yet."
        services start || stop "But the portal does not start. Look at: journalctl -u roost-web -n 50, and: roost doctor"
        unmark
        if [ "$way" = back ] || [ "$back" = no ]; then rest=yes; fi
        return 0
    fi
    if [ "$way" = forward ] && [ "$back" = yes ]; then
        [ "$migrated" = no ] || agree_to_lose
        way=back
    fi
    services stop || true
    # A checkout that was cut off leaves its lock and files of both releases: first to all of one.
    rm -f "$(git rev-parse --git-path index.lock)"
    git checkout --quiet --force --detach "$target" || stop "The files of the release cannot be put in order (above)."
    if [ "$way" = back ]; then
        say "Going back ..."
        old_backup=$backup
        [ "$migrated" = no ] || { make_backup before-going-back && say "Backup of now: $backup"; } ||
            say "A backup of now cannot be made; the store of now stays in the instance folder."
        backup=$old_backup
        mark
        done_back
        return 0
    fi
    say "Going on with it ..."
    trap failed HUP INT TERM
    { { [ -d .venv.before ] || keep_venv; } && forward; } || failed
    done_forward
    [ -z "$wanted" ] || rest=yes
}
