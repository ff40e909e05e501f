#!/bin/sh
# rooms.sh - holds every #include of src/ and include/ against tools/rooms.txt.  Prints each line that breaks
# the order, then one line of counts; exit 1 when there is one.
set -eu
cd "$(dirname "$0")/.."
find src $([ ! -d include ] || echo include) -name '*.[ch]' -o -name '*.def' -o -name '*.cu' | sort | xargs grep -nH '^ *# *include *"' |
awk '
FNR == NR {                                    # rooms.txt
    sub(/#.*/, "")
    if ($1 == "floor")
        for (i = 2; i <= NF; i++) { floor[$i] = NR; place[$i] = i }
    if ($1 == "never")
        for (i = 3; i <= NF; i++) never[$2, $i] = 1
    if ($1 == "public")
        for (i = 2; i <= NF; i++) public[$i] = 1
    if ($1 == "only") {
        limited[$2] = 1
        for (i = 3; i <= NF; i++) only[$2, $i] = 1
    }
    next
}
{
    split($0, part, ":"); file = part[1]; line = part[2]
    match($0, /"[^"]*"/); target = substr($0, RSTART + 1, RLENGTH - 2)
    count++
    room = file; sub(/^src\//, "", room); sub(/\/.*/, "", room)
    other = target; if (!sub(/\/.*/, "", other)) other = target == "engraft.h" ? "public" : room
    why = ""
    if (file ~ /^include\//) why = "the public header stands alone"
    else if (!(room in floor)) why = "room " room " is not in tools/rooms.txt"
    else if (other == "public") why = (room in public) ? "" : room " may not see engraft.h"
    else if (!(other in floor)) why = "no room " other " in tools/rooms.txt"
    else if (room == other) why = ""
    else if ((room in limited) && !((room, other) in only)) why = room " may not see " other
    else if ((room, other) in never) why = room " may not see " other
    else if (floor[other] > floor[room]) why = other " is above " room
    else if (floor[other] == floor[room] && place[other] > place[room]) why = other " is to the right of " room
    if (why != "") { bad++; printf "%s:%s: #include \"%s\": %s\n", file, line, target, why }
}
END { printf "rooms: %d includes, %d against the order\n", count, bad; exit bad > 0 }
' tools/rooms.txt -
