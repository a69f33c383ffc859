import gc

from tocsin.console import main

if __name__ == "__main__":  # not when a worker process imports it
    status = main()
    gc.freeze()  # or Python looks through all of it for cycles, which after a release takes 0.7 s
    raise SystemExit(status)
