// UsersService
