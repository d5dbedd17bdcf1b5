# The confusion matrix from NAME.tsv: first digit, answer, images; then digit, precision, recall.
# Right answers are blue; wrong ones are orange, the stronger the more of them (on a logarithmic
# scale). `worst` is the largest number of wrong ones in a cell.
width = 720
height = 716
left = 92.
top = 118.
cell = 54.
eval titles
unset border; unset grid; unset key; unset colorbox
set lmargin at screen left / width
set rmargin at screen (left + 11.2 * cell) / width
set tmargin at screen 1 - top / height
set bmargin at screen 1 - (top + 10.7 * cell) / height
set xrange [-0.5 : 10.7]
set yrange [10.2 : -0.5]
unset tics
set for [i = 0 : 9] label 10 + i sprintf("%d", i) at i, -0.75 center tc rgb ink
set for [i = 0 : 9] label 20 + i sprintf("%d", i) at -0.75, i center tc rgb ink
set label 3 "answer" at 4.5, -1.13 center tc rgb quiet
set label 4 "digit" at -1.18, 4.5 center rotate by 90 tc rgb quiet
set label 5 "recall" at 10.6, -0.75 right tc rgb quiet
set label 6 "precision" at -0.6, 9.85 right tc rgb quiet

part(n) = worst > 1 ? log(n) / log(worst) : 1.
mix(low, high, p) = int(low + (high - low) * p + 0.5)
orange_at(p) = 65536 * mix(251, 213, p) + 256 * mix(222, 94, p) + mix(200, 0, p)
colour(digit, answer, n) = digit == answer ? 0x0072b2 : n == 0 ? 0xf0f2f4 : orange_at(part(n))
on_it(digit, answer, n) = digit == answer || part(n) > 0.75 ? 0xffffff : 0x24292f
do for [start in "svg png"] {
    eval value(start)
    plot name.".tsv" index 0 using 2:1:(0.475):(0.475):(colour($1, $2, $3)) \
        with boxxyerror fs solid noborder lc rgb variable, \
        "" index 0 using 2:1:($3 > 0 ? sprintf("%d", $3) : ""):(on_it($1, $2, $3)) \
        with labels tc rgb variable, \
        "" index 1 using (10.6):1:(sprintf("%.1f%%", 100 * $3)) with labels right tc rgb quiet, \
        "" index 1 using 1:(9.85):(sprintf("%.1f%%", 100 * $2)) with labels tc rgb quiet
}
set output
