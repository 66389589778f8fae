"""Packs executables the way Lambda takes them: a zip with one `bootstrap` each.

    python3 pack.py FOLDER LEVEL NAME=EXECUTABLE...

makes FOLDER/NAME.zip, compressed with zlib's LEVEL, from 1, the fastest, to 9.
Packed one by one, as the AWS command line does it, five executables of a
development build take nine seconds; side by side and fast, two.
"""

import os
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor


def pack(folder, level, name, executable):
    path = os.path.join(folder, name + ".zip")
    with zipfile.ZipFile(
        path, "w", zipfile.ZIP_DEFLATED, compresslevel=level
    ) as archive:
        archive.write(executable, "bootstrap")


def main(folder, level, *functions):
    # Threads suffice: compressing does not hold the interpreter's lock.
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        packing = [
            threads.submit(pack, folder, int(level), *function.split("=", 1))
            for function in functions
        ]
        for job in packing:
            job.result()


if __name__ == "__main__":
    main(*sys.argv[1:])
