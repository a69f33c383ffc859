import gc

from tocsin.console import main

if __name__ == "__main__":  # not when a worker process imports it
    status = main()
    gc.freeze()  # or Python looks through all objects for cycles before it ends: 0.7 s after a release
    raise SystemExit(status)
