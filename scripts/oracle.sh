# The real Anki, for tests to compare with: a virtual environment with the package `anki`, kept in
# the cache folder and linked as .oracle. Sourced by ./test and scripts/measure; sets
# ENGRAM_ORACLE. Without it the tests that need it say so and look at nothing.

anki_release=26.9.3

oracle_works() { "$1" -c 'import anki.collection' 2>/dev/null; }

make_oracle() {
  local folder python
  folder="$(cache_folder)/oracle-$anki_release"
  if ! oracle_works "$folder/bin/python"; then
    for python in python3 python3.13 python3.12 python3.11 python3.10 ""; do
      [ -n "$python" ] || return 1
      "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null && break
    done
    say "Installing the Python package anki $anki_release into $folder"
    mkdir -p "$(dirname "$folder")"
    rm -rf "$folder"
    "$python" -m venv "$folder" || return 1
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "anki==$anki_release" </dev/null || return 1
    oracle_works "$folder/bin/python" || return 1
  fi
  rm -rf .oracle
  ln -s "$folder" .oracle
  ENGRAM_ORACLE="$folder/bin/python"
}

# add_servers PYTHON: what else tests talk to, in the same environment: servers of S3 and mail.
add_servers() {
  [ -x "$(dirname "$1")/moto_server" ] ||
    "$1" -m pip install --quiet --disable-pip-version-check "moto[server]==5.2.5" </dev/null ||
    say "moto[server] could not be installed: the tests of S3 will be skipped."
  "$1" -c "import aiosmtpd" 2>/dev/null ||
    "$1" -m pip install --quiet --disable-pip-version-check "aiosmtpd==1.4.6" </dev/null ||
    say "aiosmtpd could not be installed: the tests of mail will be skipped."
}

if [ -n "${ENGRAM_ORACLE:-}" ]; then
  echo "ENGRAM_ORACLE=$ENGRAM_ORACLE"
elif oracle_works .oracle/bin/python; then
  ENGRAM_ORACLE="$PWD/.oracle/bin/python"
elif make_oracle; then
  echo "real Anki: $ENGRAM_ORACLE"
else
  say "The real Anki could not be installed: the tests that compare with it will be skipped."
fi
if [ -n "${ENGRAM_ORACLE:-}" ]; then
  export ENGRAM_ORACLE
  add_servers "$ENGRAM_ORACLE"
fi
