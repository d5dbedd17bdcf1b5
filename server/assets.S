/* Files that are built into the program: NAME and NAME_end bound each. */
    .section .rodata

    .macro asset name, file
    .global \name
    .global \name\()_end
    .hidden \name
    .hidden \name\()_end
    .balign 16
\name:
    .incbin "\file"
\name\()_end:
    .byte 0
    .endm

    asset asset_openapi_yaml, "openapi.yaml"
    asset asset_openapi_json, "openapi.json"

    .section .note.GNU-stack, "", %progbits
