#!/bin/sh
# Rebuilds static/vendor and static/ui/icons.svg from the packages pinned in package-lock.json.
# Needs Node 20 or newer. The results are committed: running MallOps needs none of this.
set -eu
cd "$(dirname "$0")"
out=../../static/vendor

npm ci --ignore-scripts
mkdir -p "$out/licences" ../../static/ui

cp node_modules/bootstrap/dist/css/bootstrap.min.css "$out/"
cp node_modules/bootstrap/dist/js/bootstrap.bundle.min.js "$out/"
cp node_modules/plotly.js/dist/plotly.css "$out/"

node node_modules/esbuild/bin/esbuild plotly-entry.js \
  --bundle --minify --format=iife --global-name=Plotly --target=es2016 \
  --define:global=window --legal-comments=none --charset=utf8 --log-level=warning \
  --outfile="$out/plotly.min.js"

# Plotly knows addresses of its makers' servers and of documentation; no page of ours names an outside host.
sed -i -E 's#https?://(cloud\.plotly\.com|chart-studio\.plotly\.com|cdn\.plot\.ly|plot\.ly|plotly\.com|developer\.mozilla\.org|github\.com|sites\.google\.com|jse\.amstat\.org|www\.w3\.org/TR)[^]"`'"'"') ]*##g' "$out/plotly.min.js"
rm -f "$out/plotly.min.css" # styles of map traces, which we do not use

# Source maps are not shipped, and the manifest storage fails on links to them.
sed -i -E '/^(\/\/|\/\*)# sourceMappingURL=/d' "$out"/*.js "$out"/*.css

cp node_modules/bootstrap/LICENSE "$out/licences/bootstrap.txt"
cp node_modules/plotly.js/LICENSE "$out/licences/plotly.txt"
cp node_modules/@tabler/icons/LICENSE "$out/licences/tabler-icons.txt"

node build-icons.mjs
node build-manifest.mjs
ls -l "$out" ../../static/ui/icons.svg
