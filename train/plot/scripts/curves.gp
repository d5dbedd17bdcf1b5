# How loss and accuracy went, from NAME.tsv: epoch, loss, accuracy, both of the validation images,
# learning rate, images a second. `validated` tells whether there are figures of validation images.
# The axis of the accuracy is stretched towards 100%: equal steps halve the share of mistakes.
width = 920
height = 440
set tmargin at screen 1 - 92. / height
set bmargin at screen 60. / height
set xlabel "epoch" tc rgb quiet
span = last_epoch - first_epoch
set xrange [span > 0 ? first_epoch : first_epoch - 1 : span > 0 ? last_epoch : last_epoch + 1]
set xtics span <= 10 ? 1 : span <= 20 ? 2 : span <= 50 ? 5 : span <= 100 ? 10 : 100 * ceil(span / 1000.)
set style line 1 lc rgb blue lw 2 pt 7 ps 0.5
set style line 2 lc rgb orange lw 2 pt 5 ps 0.5
set format x "%.0f"
set logscale y
unset mytics
drawn = span > 40 ? "lines" : "linespoints"
mistakes(accuracy) = accuracy > 1 - least_mistakes ? least_mistakes : 1 - accuracy
do for [start in "svg png"] {
    eval value(start)
    set multiplot
    eval titles
    set lmargin at screen 72. / width
    set rmargin at screen 450. / width
    set label 3 "loss" at graph 0, screen 1 - 80. / height left tc rgb ink
    set yrange [loss_low : loss_high]
    unset ytics
    set ytics nomirror scale 0 textcolor rgb quiet format "%g"
    set for [e = -6 : 3] ytics add (1 * 10.**e, 2 * 10.**e, 5 * 10.**e)
    set key at graph 1, screen 1 - 80. / height right center horizontal
    plot for [i = 0 : validated] name.".tsv" using 1:(column(2 + 2 * i)) with @drawn ls i + 1 \
        title (i ? "validation" : "training")
    unset label 1
    unset label 2
    set lmargin at screen 530. / width
    set rmargin at screen 900. / width
    set label 3 "accuracy"
    set yrange [mistakes_high : mistakes_low]
    unset ytics
    set ytics nomirror scale 0 textcolor rgb quiet
    set ytics ("0%%" 1, "50%%" 0.5, "80%%" 0.2, "90%%" 0.1, "95%%" 0.05, "98%%" 0.02, \
        "99%%" 0.01, "99.5%%" 0.005, "99.8%%" 0.002, "99.9%%" 0.001, "99.95%%" 0.0005, \
        "99.98%%" 0.0002, "99.99%%" 0.0001)
    plot for [i = 0 : validated] name.".tsv" using 1:(mistakes(column(3 + 2 * i))) \
        with @drawn ls i + 1 title (i ? "validation" : "training")
    unset multiplot
}
set output
