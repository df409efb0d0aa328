#!/usr/bin/env bash
#
# Times podsnat beside cat, and beside sed making the same edit by hand, as whole pipelines:
#
#     cat FILE | X | cat > /dev/null
#
# over a kube-proxy node's text with 1000 and 10000 services. Trust the ratios to cat: they are taken round by round,
# each command right after the other, so that a busy machine slows all of them alike.

set -euo pipefail
export LC_ALL=C # sed's fastest locale, and a point in EPOCHREALTIME

readonly pod_cidr=172.5.0.0/16
readonly small=1000 large=10000 # services
readonly starts=20              # runs on the small file that count as one, since one is over too soon

rounds=15
podsnat=${PODSNAT-}
extra=()

usage() {
    cat <<'USAGE'
usage: benches/compare.sh [-n ROUNDS] [-x COMMAND]...

  -n ROUNDS   how often each command runs after a first, untimed run (default 15)
  -x COMMAND  another filter to time, from stdin to stdout, split at blanks: -x 'podsnat check -'

PODSNAT names the binary to time; without it, cargo builds one. Prints a Markdown table.
USAGE
}

die() {
    printf 'compare.sh: %s\n' "$*" >&2
    exit 2
}

# Answers whether a program is there, and says so when it is not.
have() {
    type -P "$1" > /dev/null || {
        printf 'compare.sh: %s is missing: %s\n' "$1" "$2" >&2
        return 1
    }
}

while getopts :n:x:h option; do
    case $option in
        n) rounds=$OPTARG ;;
        x) extra+=("$OPTARG") ;;
        h) usage && exit ;;
        *) usage >&2 && exit 2 ;;
    esac
done
shift $((OPTIND - 1))
(($# == 0)) || die "no file is expected: $1"
[[ $rounds =~ ^[1-9][0-9]*$ ]] || die "-n wants a number of rounds, not '$rounds'"
[[ ${EPOCHREALTIME-} ]] || die "bash 5 or later is needed for EPOCHREALTIME, this is $BASH_VERSION"
for tool in cat cksum mktemp rm sed sort wc; do
    have "$tool" 'it comes with coreutils, or is sed' || exit 2
done
if [[ $podsnat ]]; then
    podsnat=$(type -P "$podsnat") || die "PODSNAT is not a program: $PODSNAT"
    [[ $podsnat == /* ]] || podsnat=$PWD/$podsnat
fi

cd "$(dirname "${BASH_SOURCE[0]}")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The filters, by number.

readonly hand_edit=(
    -e '/^-A POSTROUTING -s 172\.5\.138\.0\/24 ! -o docker0 -j MASQUERADE$/s| ! -o| ! -d 172.5.0.0/16&|'
    -e '/^-A INPUT -j REJECT --reject-with icmp-host-prohibited$/d'
    -e '/^-A FORWARD -j REJECT --reject-with icmp-host-prohibited$/d'
)

# Runs filter number $1, behind the words that follow, if any.
filter() {
    local words
    case $1 in
        0) words=(cat) ;;
        1) words=("$podsnat" --quiet --pod-cidr "$pod_cidr") ;;
        2) words=(sed "${hand_edit[@]}") ;;
        *) read -ra words <<< "${extra[$1 - 3]}" ;;
    esac
    "${@:2}" "${words[@]}"
}

names=(cat podsnat 'sed, the hand edit' "${extra[@]}")

# Building, and the texts.

if [[ ! $podsnat ]]; then
    have cargo 'it builds podsnat; or name a binary in PODSNAT' || exit 2
    cargo build --quiet --release --bin podsnat || die 'podsnat does not build'
    podsnat=${CARGO_TARGET_DIR:-target}/release/podsnat
fi

generate() {
    cargo run --quiet --release --example generate -- "$@" || die "the example 'generate' does not run"
}

have cargo 'it builds the generator of the texts' || exit 2
generate rules 10 > "$scratch/start"
generate "$small" > "$scratch/small"
generate "$large" > "$scratch/large"

# Measuring. Times are whole microseconds, ratios whole thousandths.

now() {
    printf -v "$1" %s "${EPOCHREALTIME/./}"
}

# Sends $scratch/$2 through filter $1 as the pipeline that is timed.
pipeline() {
    local status=0
    # shellcheck disable=SC2002 # the pipe is what is timed
    cat "$scratch/$2" | filter "$1" 2> "$scratch/errors" | cat > /dev/null || status=$?
    judge "$1" "$status"
}

# Runs filter $1 on the small file, often enough to be timed.
start() {
    local run status=0
    for ((run = 0; run < starts; run++)); do
        filter "$1" < "$scratch/start" > /dev/null 2> "$scratch/errors" || status=$?
    done
    judge "$1" "$status"
}

# Ends the comparison when filter $1 failed. From another filter, status 1 is an answer, as diff's is.
judge() {
    (($2 <= ($1 > 2))) || die "${names[$1]} left with status $2: $(< "$scratch/errors")"
}

# Runs each filter in turn, round after round, and writes to $scratch/$1.$filter.{times,ratios} what each round gave.
measure() {
    local text=$1 round index before after elapsed reference
    for ((round = 0; round <= rounds; round++)); do
        for index in "${!names[@]}"; do
            now before
            if [[ $text == start ]]; then start "$index"; else pipeline "$index" "$text"; fi
            now after
            ((elapsed = after - before))
            ((index > 0)) || reference=$elapsed
            ((round > 0)) || continue
            echo "$elapsed" >> "$scratch/$text.$index.times"
            echo $((elapsed * 1000 / reference)) >> "$scratch/$text.$index.ratios"
        done
    done
}

# Prints the middle number of a file.
median() {
    local sorted
    mapfile -t sorted < <(sort -n "$1")
    echo "${sorted[${#sorted[@]} / 2]}"
}

# Prints thousandths with two decimals.
decimal() {
    local hundredths=$((($1 + 5) / 10))
    printf '%d.%02d' $((hundredths / 100)) $((hundredths % 100))
}

# Prints the two cells, milliseconds and ratio, of filter $2 on text $1; $3 runs counted as one.
cells() {
    local time ratio
    time=$(median "$scratch/$1.$2.times")
    ratio=$(median "$scratch/$1.$2.ratios")
    printf ' %s | %s |' "$(decimal $((time / ${3:-1})))" "$(decimal "$ratio")"
}

# Prints the two cells of peak memory, MB and bytes a byte.
memory() {
    if [[ ! $gnu_time ]]; then
        printf ' ? | ? |'
        return
    fi
    local peak
    # shellcheck disable=SC2002
    cat "$scratch/large" | filter "$1" "$gnu_time" --quiet -f %M -o "$scratch/peak" 2> /dev/null | cat > /dev/null || true
    peak=$(($(< "$scratch/peak") * 1024))
    printf ' %s | %s |' "$(decimal $((peak / 1000)))" "$(decimal $((peak * 1000 / size)))"
}

gnu_time=$(type -P time || true)
if [[ ! $gnu_time ]] || ! "$gnu_time" --quiet -f %M -o "$scratch/peak" true 2> /dev/null; then
    gnu_time=
    echo 'compare.sh: GNU time is missing: no peak memory' >&2
fi

for text in start small large; do
    measure "$text"
done

# Speed says little about a filter that does something else.
for text in start small large; do
    if [[ $(filter 1 < "$scratch/$text" 2> /dev/null | cksum) != "$(filter 2 < "$scratch/$text" | cksum)" ]]; then
        echo "compare.sh: podsnat and the hand edit disagree on the $text text" >&2
    fi
done

# The report.

describe() {
    local bytes rules chains
    bytes=$(wc -c < "$scratch/$1")
    rules=$(sed -n '/^-A/p' "$scratch/$1" | wc -l)
    chains=$(sed -n '/^:/p' "$scratch/$1" | wc -l)
    echo "$(decimal $((bytes / 1000))) MB, $rules rules, $chains chains"
}

size=$(wc -c < "$scratch/large")
echo "| filter | S=$small, ms | × cat | S=$large, ms | × cat | start, ms | × cat | peak, MB | bytes a byte |"
echo '|---|--:|--:|--:|--:|--:|--:|--:|--:|'
for index in "${!names[@]}"; do
    echo "| ${names[$index]} |$(cells small "$index")$(cells large "$index")$(cells start "$index" "$starts")$(memory "$index")"
done
cat <<REPORT

Medians of $rounds rounds, in each of which the filters ran one after the other; a ratio is the median of the rounds'.
S=$small is $(describe small); S=$large is $(describe large); start is one run on $(wc -c < "$scratch/start") bytes.
REPORT
