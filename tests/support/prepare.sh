#!/usr/bin/env bash
# Prepares what the browser tests (marker "journey") need and pip cannot bring: Chromium, and a font with Chinese
# characters, without which screenshots show empty boxes.
#
# It never fails. Without a browser the journeys are skipped, and this script says so and why.
# The last line of its standard output is the path of the browser, or nothing; everything else goes to standard error:
#
#     POINTSBANK_TEST_CHROMIUM="$(tests/support/prepare.sh)"
set -uo pipefail

say() { printf 'prepare: %s\n' "$*" >&2; }

find_chromium() {
    if [ -n "${POINTSBANK_TEST_CHROMIUM:-}" ] && [ -x "${POINTSBANK_TEST_CHROMIUM}" ]; then
        printf '%s\n' "${POINTSBANK_TEST_CHROMIUM}"
        return 0
    fi
    local name
    for name in chromium chromium-browser google-chrome-stable google-chrome; do
        command -v "$name" && return 0
    done
    return 1
}

has_chinese_font() {
    # Without fontconfig's own tool there is nothing to ask; Debian's chromium brings it.
    command -v fc-list >/dev/null 2>&1 && [ -n "$(fc-list :lang=zh-cn family 2>/dev/null | head -n 1)" ]
}

install() {
    if ! command -v apt-get >/dev/null 2>&1; then
        reason="there is no apt-get on this system to install it with"
    elif [ "$(id -u)" -ne 0 ]; then
        reason="installing it needs root (run: sudo apt-get install -y --no-install-recommends $*)"
    else
        say "installing $* (Debian packages, once per machine)"
        local log
        log="$(mktemp)"
        if apt-get update >"$log" 2>&1 &&
            DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >>"$log" 2>&1 </dev/null; then
            rm -f "$log"
            return 0
        fi
        tail -n 5 "$log" >&2
        rm -f "$log"
        reason="apt-get could not install it (its last words stand above)"
    fi
    return 1
}

reason=""
missing=()
find_chromium >/dev/null || missing+=(chromium)
has_chinese_font || missing+=(fonts-noto-cjk)
[ ${#missing[@]} -eq 0 ] || install "${missing[@]}" || true

if chromium="$(find_chromium)"; then
    has_chinese_font ||
        say "no font with Chinese characters: the journeys run, but their screenshots show empty boxes, because ${reason}"
    printf '%s\n' "$chromium"
else
    say "no Chromium: SKIPPED are all tests marked 'journey' (whole stories in a real browser), because ${reason}"
fi
exit 0
