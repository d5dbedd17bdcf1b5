# What all figures have in common: colours that people with any colour vision can tell apart (Okabe
# and Ito, "Color Universal Design", 2008), quiet axes, titles at the left.
set encoding utf8
set datafile separator tab
set datafile missing "NaN"

ink = "#1f2328"
quiet = "#6e7781"
rule = "#d8dee4"
blue = "#0072b2"
orange = "#d55e00"

# A script sets width, height (pixels), name, title and subtitle, then draws once for each of these.
svg = 'set terminal svg size width,height font "Sans,13" noenhanced; set output name.".svg"'
png = 'set terminal pngcairo size 2*width,2*height font "Sans,13" fontscale 1.5 linewidth 2 pointscale 2 \
    noenhanced background "white"; set output name.".png"'
margin = 20.
titles = 'set label 1 title at screen margin/width, screen 1-26./height font ",17" tc rgb ink; \
    set label 2 subtitle at screen margin/width, screen 1-49./height tc rgb quiet'

set border 1 lc rgb rule
set tics nomirror scale 0 textcolor rgb quiet
set grid ytics lc rgb rule lw 1 lt 1
set xlabel textcolor rgb quiet
set ylabel textcolor rgb quiet
set key textcolor rgb ink samplen 2
