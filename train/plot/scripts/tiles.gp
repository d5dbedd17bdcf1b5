# Pictures side by side, each with a text, from NAME.tsv (for each its text, and 1 where that is
# orange) and NAME-pixels.tsv (for each a block of 28 x 28 pixels). `columns`, `count`, `wide`, the
# width of a picture with what is around it, and `gap`, the room below it, are set above.
side = 56.
high = side + gap
left = margin
top = 72.
rows = (count + columns - 1) / columns
width = columns * wide + 2 * margin
if (width < 420) width = 420
height = top + rows * high + (gap < 30 ? 38 - gap : 8)
x(i) = wide * (int(i) % columns)
y(i) = high * (int(i) / columns)

eval titles
unset border; unset tics; unset grid; unset key; unset colorbox
set palette defined (0 "#f0f2f4", 1 ink)
set lmargin at screen left / width
set rmargin at screen 1 - (width - left - columns * wide) / width
set tmargin at screen 1 - top / height
set bmargin at screen 0
set xrange [0 : columns * wide]
set yrange [height - top : 0]
set cbrange [0 : 255]
do for [start in "svg png"] {
    eval value(start)
    plot for [i = 0 : count - 1] name."-pixels.tsv" matrix index i \
        using (x(i) + (wide - side) / 2 + side / 28 * ($1 + 0.5)):(y(i) + side / 28 * ($2 + 0.5)):3 \
        with image, \
        name.".tsv" using (x($0) + wide / 2.):(y($0) + side + 12):1:($2 > 0 ? 0xd55e00 : 0x1f2328) \
        with labels tc rgb variable
}
set output
