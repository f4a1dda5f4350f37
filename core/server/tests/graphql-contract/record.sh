#!/usr/bin/env bash
# Records golden/ from a real Strapi with its GraphQL plugin, on the content types of the conformance suite.
#
#   record.sh install         the app, with the plugin in Strapi's version; takes minutes
#   record.sh record [...]    an empty database, and golden/ anew; the arguments are those of run.mjs
#   record.sh compare [...]   the same Strapi against golden/: what differs depends on the run, and is to be normalised
#   record.sh stop
#
# Environment: CONFORMANCE, the suite's folder (../shared/conformance beside the repository); CONTRACT, a scratch folder for the app; PORT (1457).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export CONFORMANCE=${CONFORMANCE:-$here/../../../../../shared/conformance}
export CONTRACT=${CONTRACT:?the scratch folder that the app is installed in} PORT=${PORT:-1457}
setup=$CONFORMANCE/setup.sh
app=$CONTRACT/app

# What differs from a newly generated app: the schema can be looked at in production too, which Apollo refuses by default.
enable_plugin() {
  cat >"$app/config/plugins.js" <<'JS'
module.exports = () => ({
  'users-permissions': { config: { ratelimit: { enabled: false }, jwtSecret: process.env.JWT_SECRET } },
  graphql: { enabled: true, config: { apolloServer: { introspection: true } } },
});
JS
}

run() {
  "$setup" fresh
  eval "$("$setup" env)"
  APP=$app SNAPSHOTS=$here/snapshot.cjs FIXTURES=$CONFORMANCE/fixtures node "$here/run.mjs" "$@"
}

command=${1:-}
shift || true
case $command in
  install)
    "$setup" install
    (cd "$app" && npm install --no-audit --no-fund "@strapi/plugin-graphql@$(cat "$CONFORMANCE/golden/VERSION")")
    enable_plugin
    ;;
  record)
    enable_plugin
    run --record "$@"
    node -p "require('$app/node_modules/@strapi/plugin-graphql/package.json').version" >"$here/golden/VERSION"
    ;;
  compare) run "$@" ;;
  stop) "$setup" stop ;;
  *)
    sed -n '2,9p' "${BASH_SOURCE[0]}" | sed 's/^# \{0,1\}//' >&2
    exit 2
    ;;
esac
