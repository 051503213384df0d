#!/bin/sh
# Installs headless Chromium and its driver, for the tests marked `browser`.
# Says one line and leaves with 0 where it cannot: those tests are then skipped.
set -u

if command -v chromium >/dev/null && command -v chromedriver >/dev/null; then
    echo "browser: chromium and chromedriver are here"
    exit 0
fi
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "browser: absent; as root on Debian: apt-get install chromium chromium-driver"
    exit 0
fi

export DEBIAN_FRONTEND=noninteractive
if apt-get update -qq >/dev/null 2>&1 &&
    apt-get install -y -qq --no-install-recommends chromium chromium-driver \
        fonts-dejavu-core >/dev/null 2>&1; then
    echo "browser: installed $(chromium --version 2>/dev/null)"
else
    echo "browser: apt-get could not install chromium; browser tests will be skipped"
fi
exit 0
