# How often a model is right when it says how sure it is, from NAME.tsv: low and high edge of a bin,
# images, mean confidence, accuracy and its 95% interval. Below, how many images are in each bin.
width = 640
height = 690
set lmargin at screen 84. / width
set rmargin at screen 1 - 24. / width
set xrange [0 : 1]
set xtics 0.2
do for [start in "svg png"] {
    eval value(start)
    set multiplot
    eval titles
    set label 3 "share of right answers" at screen 24. / width, screen 1 - 295. / height center \
        rotate by 90 tc rgb quiet
    set tmargin at screen 1 - 80. / height
    set bmargin at screen 1 - 510. / height
    set yrange [0 : 1]
    set ytics 0.2 format "%.1f"
    set format x ""
    unset xlabel
    set key at graph 0.03, graph 0.96 left top Left reverse
    plot name.".tsv" using (($1 + $2) / 2):5:(0.94 * ($2 - $1)) with boxes fs solid noborder \
        lc rgb blue title "right answers in a bin, with 95% interval", \
        "" using (($1 + $2) / 2):6:(0):($7 - $6) with vectors nohead lw 1.6 lc rgb ink notitle, \
        x with lines lw 1.6 dt (8, 6) lc rgb orange title "as often as the model says"
    unset label 1
    unset label 2
    set label 3 "images" at screen 24. / width, screen 1 - 584. / height
    set tmargin at screen 1 - 540. / height
    set bmargin at screen 62. / height
    set logscale y
    set yrange [0.5 : *]
    set ytics ("1" 1, "10" 10, "100" 100, "1,000" 1000, "10,000" 10000, "100,000" 100000)
    set format x "%.1f"
    set xlabel "confidence: the probability of the answer" tc rgb quiet
    unset key
    plot name.".tsv" using (($1 + $2) / 2):3:(0.94 * ($2 - $1)) with boxes fs solid noborder \
        lc rgb quiet
    unset logscale
    unset multiplot
}
set output
