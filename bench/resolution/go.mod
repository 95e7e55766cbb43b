module deadheat.dev/bench/resolution

go 1.23
