#!/bin/sh
# Installs PostgreSQL, for the tests of studies that are stored in it: they start servers
# of their own. Says one line and leaves with 0 where it cannot: they are then skipped.
set -u

if command -v postgres >/dev/null || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1; then
    echo "postgresql: a server is here"
    exit 0
fi
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "postgresql: absent; as root on Debian: apt-get install postgresql"
    exit 0
fi

export DEBIAN_FRONTEND=noninteractive
# Debian's package makes a server of its own and starts it, unless it is told not to.
mkdir -p /etc/postgresql-common/createcluster.d
echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.d/rexpand.conf
if apt-get update -qq >/dev/null 2>&1 &&
    apt-get install -y -qq --no-install-recommends postgresql >/dev/null 2>&1; then
    echo "postgresql: installed $(ls /usr/lib/postgresql)"
else
    echo "postgresql: apt-get could not install it; its tests will be skipped"
fi
exit 0
