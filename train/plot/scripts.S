/* The scripts of the figures and the styles of pictures and pages. */
    .section .rodata

    .macro script name, file
    .global \name
    .hidden \name
    .balign 16
\name:
    .incbin "\file"
    .byte 0
    .endm

    script script_style, "style.gp"
    script script_curves, "curves.gp"
    script script_confusion, "confusion.gp"
    script script_reliability, "reliability.gp"
    script script_tiles, "tiles.gp"
    script script_theme, "theme.css"
    script script_page, "page.css"

    .section .note.GNU-stack, "", %progbits
