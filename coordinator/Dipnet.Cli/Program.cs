return await Dipnet.Cli.Commands.DipnetCommand.RunAsync(args);
