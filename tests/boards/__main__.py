from tests.boards import main

main()
