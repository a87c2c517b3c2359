#!/usr/bin/env bash
# Makes the Debian package, looks into it, and runs a job from its tree where no file of the build is in reach.
#
#   package_test.sh <build folder>
set -euo pipefail
build=$1
if ! command -v dpkg-shlibdeps >/dev/null; then
  echo "no dpkg-shlibdeps here (Debian's dpkg-dev): skipped"
  exit 0
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

(cd "$build" && cpack -G DEB -B "$folder/packages" >"$folder/cpack.log" 2>&1) || { cat "$folder/cpack.log"; exit 1; }
package=$(echo "$folder"/packages/weir_*.deb)
depends=$(dpkg-deb -f "$package" Depends)
echo "the package depends on: $depends"
# Named by what the programs need, not by a list that someone keeps.
[[ $depends == *libgrpc++* && $depends == *librocksdb* ]]

dpkg-deb -e "$package" "$folder/control"
dpkg-deb -c "$package" >"$folder/content"
while read -r file; do
  grep -q " \.$file\$" "$folder/content" || { echo "conffile $file is not in the package"; exit 1; }
done <"$folder/control/conffiles"

dpkg-deb -x "$package" "$folder/root"
tree=$folder/root/opt/weir
if readelf -d "$tree"/bin/weir* "$tree"/lib/libweir.so "$tree/examples/word_count" | grep -i runpath | grep -v '\[\$ORIGIN'; then
  echo "a program looks for libraries outside the tree"
  exit 1
fi
cd "$tree"
rows=$(examples/word_count --output "$folder/words" >/dev/null && cat "$folder"/words/* | wc -l)
echo "word_count of the package wrote $rows rows"
[ "$rows" -gt 1000 ]
bin/weir --help | head -n 1
